namespace Eventide.Sidecar.Expressions;

/// <summary>The types of CEL that routing rules and trip conditions meet. <see cref="Dyn"/> is known only while evaluating.</summary>
internal enum CelType
{
    Dyn,
    Null,
    Bool,
    Int,
    Double,
    String,
    List,
    Map,
    Error,
}

/// <summary>The names that CEL's own messages use.</summary>
internal static class CelTypes
{
    public static string Name(this CelType type) => type switch
    {
        CelType.Null => "null_type",
        _ => type.ToString().ToLowerInvariant(),
    };
}
