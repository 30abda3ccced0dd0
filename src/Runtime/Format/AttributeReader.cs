using EdgeRuntime.Operators;

namespace EdgeRuntime.Format;

/// <summary>Sets an operator's attributes from those found in a file. What the file does not have keeps its default.</summary>
internal sealed class AttributeReader : AttributeCodec
{
    // Few, so that looking through them is faster than any table.
    private readonly List<(string Name, object Value, bool IsVisited)> found = [];

    /// <summary>Forgets what was found, for another operator.</summary>
    public void Clear() => found.Clear();

    /// <summary>Adds an attribute that the file has; false when it was there already.</summary>
    public bool Add(string name, object value)
    {
        if (IndexOf(name) >= 0) return false;
        found.Add((name, value, false));
        return true;
    }

    /// <summary>The first attribute of the file that the operator did not ask for; null when there is none.</summary>
    public string? Unknown
    {
        get
        {
            foreach ((string name, _, bool isVisited) in found)
                if (!isVisited) return name;
            return null;
        }
    }

    public override void Long(string name, ref long value) => value = Take(name, value);

    public override void Float(string name, ref float value) => value = Take(name, value);

    public override void String(string name, ref string value) => value = Take(name, value);

    public override void Longs(string name, ref long[] value) => value = Take(name, value);

    public override void Floats(string name, ref float[] value) => value = Take(name, value);

    public override void Body(string name, ref Body? value) =>
        value = Visit(name) is not { } given ? null : given as Body ?? throw new FormatException($"the attribute '{name}' is of another kind");

    private T Take<T>(string name, T fallback) where T : notnull =>
        Visit(name) is not { } given ? fallback : given is T typed ? typed : throw new FormatException($"the attribute '{name}' is of another kind");

    private object? Visit(string name)
    {
        int index = IndexOf(name);
        if (index < 0) return null;
        found[index] = found[index] with { IsVisited = true };
        return found[index].Value;
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < found.Count; i++)
            if (found[i].Name == name) return i;
        return -1;
    }
}
