using System.Reflection;
using System.Text;

namespace Eventide.Workflow.Tests.Api;

/// <summary>The public members of an assembly as text: one line each, in a form close to C#, sorted.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly NullabilityInfoContext Nullability = new();

    public static IReadOnlyList<string> Describe(Assembly assembly) =>
        [.. assembly.GetExportedTypes().SelectMany(Describe).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Describe(Type type)
    {
        var name = $"{type.Namespace}.{Name(type)}";
        yield return $"{name} : {Kind(type)}{Bases(type)}";
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
                yield return $"{name}.{field.Name} = {Convert.ToInt32(field.GetRawConstantValue())}";

            yield break;
        }

        foreach (var constructor in type.GetConstructors(Declared).Where(IsVisible))
            yield return $"{name}({Parameters(constructor)})";

        foreach (var property in type.GetProperties(Declared).Where(property => IsVisible(property.GetMethod) || IsVisible(property.SetMethod)))
        {
            var accessors = (IsVisible(property.GetMethod) ? "get; " : "") + (IsVisible(property.SetMethod) ? IsInit(property) ? "init; " : "set; " : "");
            yield return $"{name}.{property.Name} {{ {accessors}}} : {Modifiers(property.GetMethod!)}{Name(property.PropertyType, Nullability.Create(property))}";
        }

        foreach (var method in type.GetMethods(Declared).Where(method => IsVisible(method) && !IsNoise(method)))
        {
            var generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
            var result = Name(method.ReturnType, Nullability.Create(method.ReturnParameter));
            yield return $"{name}.{method.Name}{generic}({Parameters(method)}) : {Modifiers(method)}{result}{Constraints(method)}";
        }
    }

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static bool IsInit(PropertyInfo property) =>
        property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit");

    /// <summary>Accessors, and what the compiler writes for every record.</summary>
    private static bool IsNoise(MethodInfo method) =>
        (method.IsSpecialName && !method.Name.StartsWith("op_Implicit", StringComparison.Ordinal))
        || method.Name is "Equals" or "GetHashCode" or "PrintMembers" or "Deconstruct" or "<Clone>$" or "get_EqualityContract"
        || (method.Name == "ToString" && method.GetBaseDefinition().DeclaringType == typeof(object));

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    } + (type.GetMethod("PrintMembers", Declared) is null ? "" : " record");

    private static string Bases(Type type)
    {
        if (type.IsEnum)
            return "";

        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            bases.Add(Name(parent));

        var inherited = type.BaseType?.GetInterfaces() ?? [];
        bases.AddRange(type.GetInterfaces().Except(inherited).Where(i => i.Name != "IEquatable`1").Select(i => Name(i)).Order(StringComparer.Ordinal));
        return bases.Count == 0 ? "" : $" ({string.Join(", ", bases)})";
    }

    private static string Modifiers(MethodInfo method) => method switch
    {
        { DeclaringType.IsInterface: true } => "",
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } when method.GetBaseDefinition().DeclaringType == method.DeclaringType => "virtual ",
        { IsVirtual: true, IsFinal: false } => "override ",
        _ => "",
    };

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        var text = new StringBuilder(parameter.IsOut ? "out " : "");
        text.Append(Name(parameter.ParameterType, Nullability.Create(parameter))).Append(' ').Append(parameter.Name);
        if (parameter.HasDefaultValue)
            text.Append(" = ").Append(parameter.DefaultValue switch { null => "default", bool value => value ? "true" : "false", string value => $"\"{value}\"", var value => value });

        return text.ToString();
    }));

    private static string Constraints(MethodInfo method) => !method.IsGenericMethodDefinition
        ? ""
        : string.Concat(method.GetGenericArguments()
            .Select(argument => (argument.Name, Limits: Limits(argument)))
            .Where(constraint => constraint.Limits.Length > 0)
            .Select(constraint => $" where {constraint.Name} : {constraint.Limits}"));

    private static string Limits(Type argument)
    {
        var isClass = argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint);
        return string.Join(", ", (isClass ? ["class"] : Array.Empty<string>()).Concat(argument.GetGenericParameterConstraints().Select(limit => Name(limit))));
    }

    private static string Name(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!, nullability);

        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";

        var name = type.IsNested && !type.IsGenericParameter ? $"{Name(type.DeclaringType!)}.{type.Name}" : Simple(type);
        if (type.IsGenericType)
        {
            var arguments = type.GetGenericArguments().Select((argument, i) => Name(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(i)));
            name = $"{name.Split('`')[0]}<{string.Join(", ", arguments)}>";
        }

        var optional = !type.IsValueType && !type.IsGenericParameter && nullability is { ReadState: NullabilityState.Nullable };
        return optional ? name + "?" : name;
    }

    private static string Simple(Type type) => type switch
    {
        _ when type == typeof(void) => "void",
        _ when type == typeof(string) => "string",
        _ when type == typeof(object) => "object",
        _ when type == typeof(bool) => "bool",
        _ when type == typeof(int) => "int",
        _ when type == typeof(uint) => "uint",
        _ when type == typeof(double) => "double",
        _ => type.Name,
    };
}
