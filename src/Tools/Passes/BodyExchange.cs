using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Gives an operator other bodies, through the one description of its attributes.</summary>
internal sealed class BodyExchange(IReadOnlyDictionary<Body, Body> others) : AttributeCodec
{
    public override void Long(string name, ref long value) { }

    public override void Float(string name, ref float value) { }

    public override void String(string name, ref string value) { }

    public override void Longs(string name, ref long[] values) { }

    public override void Floats(string name, ref float[] values) { }

    public override void Body(string name, ref Body? value)
    {
        if (value is not null && others.TryGetValue(value, out Body? other)) value = other;
    }
}
