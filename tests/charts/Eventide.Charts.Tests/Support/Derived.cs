namespace Eventide.Charts.Tests.Support;

/// <summary>Files that are made from others.</summary>
internal static class Derived
{
    /// <summary>Asserts that <paramref name="file"/> holds <paramref name="text"/>; with RENEW=1 writes it.</summary>
    public static void Check(string file, string text)
    {
        if (Repository.Renews)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        Assert.True(File.Exists(file), $"{file} is missing; make chart writes it.");
        var kept = File.ReadAllText(file);
        if (kept != text)
        {
            var (before, after) = (kept.Split('\n'), text.Split('\n'));
            var line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
            Assert.Fail(
                $"{Path.GetRelativePath(Repository.Root, file)}:{line + 1} is \"{before.ElementAtOrDefault(line)}\" and should be \"{after.ElementAtOrDefault(line)}\"; " +
                "make chart renews it, and git diff shows the whole change.");
        }
    }
}
