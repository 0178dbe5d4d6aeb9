using System.Globalization;
using System.Text.Json;
using Eventide.Scaling.Local.Control;
using Spectre.Console;

namespace Eventide.Scaling.Local.Verification;

/// <summary>`verify`: the same compressed scenario in the simulator and in a real shop of its own, side by side. Exit code 1 when they disagree.</summary>
internal static class VerifyCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task<int> ExecuteAsync(double speed, int maximum, string output, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("eventide-verify-").FullName;
        var result = await new Verifier(speed, new LocalLimits(1, maximum), data, Console.WriteLine).RunAsync(cancellationToken);
        Directory.CreateDirectory(output);
        var (file, picture) = (Path.Combine(output, "verify.json"), Path.Combine(output, "verify.png"));
        File.WriteAllText(file, JsonSerializer.Serialize(
            new
            {
                result.Agrees,
                result.Speed,
                result.Load.Orders,
                result.Load.Generator,
                ToleranceSeconds = Comparison.Tolerance.TotalSeconds,
                MeasuredSeconds = new { Handling = Seconds(result.Measured.HandlingTimes), Start = Seconds(result.Measured.StartTimes), Drain = Seconds(result.Measured.DrainTimes) },
                result.Comparisons,
                result.Changes,
                result.Looks,
                Simulated = result.Simulated.Services.Select(service => new { service.Name, service.WantedPerStep }),
            },
            Json) + Environment.NewLine);
        VerifyPicture.Save(result, picture);
        Report(result);
        Console.WriteLine($"{file}, {picture}");
        if (result.Agrees)
        {
            Directory.Delete(data, recursive: true);
            return 0;
        }

        Console.WriteLine($"State and logs of the shop are kept in {data}.");
        return 1;
    }

    private static void Report(VerifyResult result)
    {
        var table = new Table().Border(TableBorder.None).AddColumn(new TableColumn("app").NoWrap());
        foreach (var column in new[] { "most", "model", "looks", "apart", "replica-s", "model", "diff" })
        {
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        }

        table.AddColumn(new TableColumn("").NoWrap());
        foreach (var app in result.Comparisons)
        {
            table.AddRow(
                app.AppId, $"{app.RealMost}", $"{app.SimulatedMost}", $"{app.Looks}", $"{app.Apart}", Text(app.RealReplicaSeconds, "0"), Text(app.SimulatedReplicaSeconds, "0"),
                Text(app.Difference, "+0.0%;-0.0%;0%"), app.Agrees ? "[green]PASS[/]" : "[red]FAIL[/]");
        }

        AnsiConsole.Write(table);
        foreach (var (name, times) in new[] { ("one message", result.Measured.HandlingTimes), ("one start", result.Measured.StartTimes), ("one end", result.Measured.DrainTimes) })
        {
            Console.WriteLine($"Measured, {name}: {string.Join(", ", times.Select(time => $"{time.Key} {Text(time.Value.TotalSeconds, "0.00")} s"))}");
        }

        if (result is { Agrees: false, WasTooBusy: true })
        {
            Console.WriteLine("The machine had too much to do beside this: messages took half as long again as what was behind the services. Run it again when the machine is quiet.");
        }

        AnsiConsole.MarkupLine(result.Agrees ? "[green]PASS[/]" : "[red]FAIL[/]");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Asked for: at no look more than one replica apart from what the model has within {Comparison.Tolerance.TotalSeconds} s before or after; replica-seconds within 10 %; every order confirmed ({result.Load.Orders!.Confirmed} of {result.Load.Orders.Accepted})."));
    }

    private static Dictionary<string, double> Seconds(IReadOnlyDictionary<string, TimeSpan> times) => times.ToDictionary(time => time.Key, time => Math.Round(time.Value.TotalSeconds, 3));

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
