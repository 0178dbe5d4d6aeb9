using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace Eventide.Charts.Tests.Models;

/// <summary>Finds what a custom resource lacks or says wrongly, by the attributes of its model.</summary>
internal static class ModelCheck
{
    /// <summary>One sentence per fault, with the path to it.</summary>
    public static IEnumerable<string> Faults(object item, string path = "")
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(item, new ValidationContext(item), results, validateAllProperties: true);
        foreach (var result in results)
        {
            yield return $"{path}: {result.ErrorMessage}";
        }

        foreach (var property in item.GetType().GetProperties())
        {
            foreach (var (child, name) in Children(property.GetValue(item), property.Name))
            {
                foreach (var fault in Faults(child, $"{path}.{name}"))
                {
                    yield return fault;
                }
            }
        }
    }

    private static IEnumerable<(object Child, string Name)> Children(object? value, string name) => value switch
    {
        null or string => [],
        IDictionary map => map.Keys.Cast<object>().SelectMany(key => Children(map[key], $"{name}.{key}")),
        IEnumerable list => list.Cast<object?>().SelectMany((entry, index) => Children(entry, $"{name}[{index}]")),
        _ when value.GetType().Namespace == typeof(ModelCheck).Namespace => [(value, name)],
        _ => [],
    };
}
