using System.Reflection;

namespace EdgeRuntime.Tests.Architecture;

/// <summary>The public members of the types that stand in for Silk.NET, a line each.</summary>
internal static class SilkApi
{
    public static IEnumerable<string> Describe(Assembly assembly) =>
        from type in assembly.GetTypes()
        where type.Namespace is "Silk.NET.Core" or "Silk.NET.Vulkan" or "Silk.NET.OpenCL" && !typeof(Delegate).IsAssignableFrom(type)
        from line in Members(type)
        select $"{type.FullName!.Replace('+', '.')}{line}";

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
        {
            foreach (string member in type.GetEnumNames())
                yield return $".{member} = {Convert.ToString(Convert.ChangeType(Enum.Parse(type, member), type.GetEnumUnderlyingType()))}";
            yield break;
        }
        foreach (FieldInfo field in type.GetFields(own)) yield return $".{field.Name} : {Fixed(field) ?? Name(field.FieldType)}";
        foreach (PropertyInfo property in type.GetProperties(own)) yield return $".{property.Name} : {Name(property.PropertyType)}";
        foreach (MethodInfo method in type.GetMethods(own))
            if (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
                yield return $".{method.Name}({string.Join(", ", method.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}"))}) : {Name(method.ReturnType)}";
    }

    private static string? Fixed(FieldInfo field) => field.GetCustomAttribute<System.Runtime.CompilerServices.FixedBufferAttribute>() is { } buffer
        ? $"{Name(buffer.ElementType)}[{buffer.Length}]"
        : null;

    private static string Name(Type type) => type.IsPointer ? Name(type.GetElementType()!) + "*" : type.IsFunctionPointer ? "delegate*" : type.Name;
}
