using EdgeRuntime.Operators;

namespace EdgeRuntime.Format;

/// <summary>Writes an operator's attributes: how many, then name, kind and value of each.</summary>
/// <param name="stringIndex">The index of a string in the table.</param>
/// <param name="body">Writes a body.</param>
internal sealed class AttributeWriter(Func<string, int> stringIndex, Action<Body, ByteWriter> body) : AttributeCodec
{
    private readonly ByteWriter bytes = new();
    private int count;

    /// <summary>Appends all attributes of an operator.</summary>
    public static void Write(Operator op, ByteWriter target, Func<string, int> stringIndex, Action<Body, ByteWriter> body)
    {
        var codec = new AttributeWriter(stringIndex, body);
        op.Attributes(codec);
        target.Count(codec.count);
        target.Append(codec.bytes);
    }

    public override void Long(string name, ref long value)
    {
        Begin(name, AttributeKind.Long);
        bytes.Signed(value);
    }

    public override void Float(string name, ref float value)
    {
        Begin(name, AttributeKind.Float);
        bytes.Single(value);
    }

    public override void String(string name, ref string value)
    {
        Begin(name, AttributeKind.String);
        bytes.Count(stringIndex(value));
    }

    public override void Longs(string name, ref long[] values)
    {
        Begin(name, AttributeKind.Longs);
        bytes.Count(values.Length);
        foreach (long value in values) bytes.Signed(value);
    }

    public override void Floats(string name, ref float[] values)
    {
        Begin(name, AttributeKind.Floats);
        bytes.Count(values.Length);
        foreach (float value in values) bytes.Single(value);
    }

    public override void Body(string name, ref Body? value)
    {
        if (value is null) return;
        Begin(name, AttributeKind.Body);
        body(value, bytes);
    }

    private void Begin(string name, AttributeKind kind)
    {
        count++;
        bytes.Count(stringIndex(name));
        bytes.Byte((byte)kind);
    }
}
