namespace EdgeRuntime.Operators;

/// <summary>Gives an operator other bodies, through the one description of its attributes.</summary>
internal sealed class BodyExchange : AttributeCodec
{
    private readonly Dictionary<Body, Body> others;

    private BodyExchange(Dictionary<Body, Body> others) => this.others = others;

    /// <summary>A copy of an operator with other bodies, in the order in which it has its own.</summary>
    public static Operator Copy(Operator op, IEnumerable<Body> bodies)
    {
        Operator copy = OperatorCatalog.Create(op.Name)!;
        copy.Attributes(new AttributeCopy(op));
        copy.Attributes(new BodyExchange(op.Bodies.Zip(bodies).DistinctBy(p => p.First).ToDictionary(p => p.First, p => p.Second)));
        return copy;
    }

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
