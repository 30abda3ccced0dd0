namespace EdgeRuntime.Operators;

/// <summary>Writes the attributes of one operator into another of the same type, through the one description that both have.</summary>
internal sealed class AttributeCopy : AttributeCodec
{
    private readonly Dictionary<string, object> values = [];
    private readonly bool reading;

    public AttributeCopy(Operator source)
    {
        reading = true;
        source.Attributes(this);
        reading = false;
    }

    public override void Long(string name, ref long value) => Visit(name, ref value);

    public override void Float(string name, ref float value) => Visit(name, ref value);

    public override void String(string name, ref string value) => Visit(name, ref value);

    public override void Longs(string name, ref long[] value) => Visit(name, ref value);

    public override void Floats(string name, ref float[] value) => Visit(name, ref value);

    public override void Body(string name, ref Body? value)
    {
        if (!reading) value = (Body?)values.GetValueOrDefault(name);
        else if (value is not null) values[name] = value;
    }

    private void Visit<T>(string name, ref T value) where T : notnull
    {
        if (reading) values[name] = value;
        else value = (T)values[name];
    }
}
