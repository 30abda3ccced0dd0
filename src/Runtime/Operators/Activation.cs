namespace EdgeRuntime.Operators;

/// <summary>A function applied to each result of another operator, as part of it.</summary>
/// <param name="Function">The function; <see cref="UnaryFunction.Identity"/> for none.</param>
/// <param name="Alpha">Its α.</param>
/// <param name="Beta">Its β.</param>
internal record struct Activation(UnaryFunction Function, float Alpha = 0, float Beta = 0)
{
    /// <summary>True when nothing is applied.</summary>
    public readonly bool IsNone => Function == UnaryFunction.Identity;

    /// <summary>Visits the three parts as attributes.</summary>
    public void Visit(AttributeCodec codec)
    {
        UnaryFunction function = Function;
        float alpha = Alpha, beta = Beta;
        codec.Enum("activation", ref function);
        codec.Float("activation_alpha", ref alpha);
        codec.Float("activation_beta", ref beta);
        this = new Activation(function, alpha, beta);
    }

    /// <summary>The function's value, in double precision.</summary>
    public readonly double Apply(double x) => UnaryMath.Apply(Function, x, Alpha, Beta);
}
