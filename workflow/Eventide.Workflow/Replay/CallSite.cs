using System.Diagnostics;
using System.Reflection;

namespace Dapr.Workflow.Replay;

/// <summary>A line of the workflow's code. Finding it costs a stack walk, so it is only looked for once a replay has gone wrong.</summary>
internal sealed record CallSite(string Text)
{
    public override string ToString() => Text;

    /// <summary>The line that called into this library.</summary>
    public static CallSite Capture()
    {
        foreach (var frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is { DeclaringType: { } type } method && IsAuthorCode(type.Assembly))
                return new CallSite(Describe(frame, method, type));
        }

        return new CallSite("the workflow's code");
    }

    private static bool IsAuthorCode(Assembly assembly) => assembly != typeof(CallSite).Assembly && assembly != typeof(object).Assembly;

    /// <summary>File and line; where the symbols are missing, type and method. An async method shows as MoveNext of a type named after it.</summary>
    private static string Describe(StackFrame frame, MethodBase method, Type type)
    {
        if (frame.GetFileName() is { } file)
            return $"{Path.GetFileName(file)}:{frame.GetFileLineNumber()}";

        var end = type.Name.IndexOf('>', StringComparison.Ordinal);
        return type is { DeclaringType: { } outer } && type.Name.StartsWith('<') && end > 1
            ? $"{outer.Name}.{type.Name[1..end]}"
            : $"{type.Name}.{method.Name}";
    }
}
