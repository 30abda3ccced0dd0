using EdgeRuntime.Operators;

namespace EdgeRuntime.Format;

/// <summary>Sets an operator's attributes from those found in a file. What the file does not have keeps its default.</summary>
internal sealed class AttributeReader : AttributeCodec
{
    private readonly Dictionary<string, object> values = new(StringComparer.Ordinal);
    private readonly HashSet<string> visited = new(StringComparer.Ordinal);

    /// <summary>Adds an attribute that the file has; false when it was there already.</summary>
    public bool Add(string name, object value) => values.TryAdd(name, value);

    /// <summary>Attributes of the file that the operator did not ask for.</summary>
    public IEnumerable<string> Unknown => values.Keys.Where(name => !visited.Contains(name));

    public override void Long(string name, ref long value) => value = Take(name, value);

    public override void Float(string name, ref float value) => value = Take(name, value);

    public override void String(string name, ref string value) => value = Take(name, value);

    public override void Longs(string name, ref long[] value) => value = Take(name, value);

    public override void Floats(string name, ref float[] value) => value = Take(name, value);

    public override void Body(string name, ref Body? value)
    {
        visited.Add(name);
        value = !values.TryGetValue(name, out object? found) ? null : found as Body ?? throw new FormatException($"the attribute '{name}' is of another kind");
    }

    private T Take<T>(string name, T fallback) where T : notnull
    {
        visited.Add(name);
        if (!values.TryGetValue(name, out object? value)) return fallback;
        return value is T typed ? typed : throw new FormatException($"the attribute '{name}' is of another kind");
    }
}
