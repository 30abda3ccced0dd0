namespace EdgeRuntime.Operators;

/// <summary>The functions of one element. Files hold their names, so new ones may go anywhere. α and β are the attributes.</summary>
internal enum UnaryFunction
{
    Identity,
    Abs, Neg, Sign, Reciprocal, Sqrt, Square, Exp, Log, Floor, Ceil, Round, Erf,
    Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Asinh, Acosh, Atanh,
    Relu,

    /// <summary>min(max(x, α), β).</summary>
    Clip,

    /// <summary>x &lt; 0 ? α·x : x.</summary>
    LeakyRelu,

    /// <summary>x &lt; 0 ? α·(eˣ - 1) : x.</summary>
    Elu,

    /// <summary>max(0, x) + min(0, α·(e^(x/α) - 1)).</summary>
    Celu,

    /// <summary>β·(x &gt; 0 ? x : α·(eˣ - 1)).</summary>
    Selu,

    /// <summary>x &gt; α ? x : 0.</summary>
    ThresholdedRelu,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>clamp(α·x + β, 0, 1).</summary>
    HardSigmoid,

    /// <summary>x·clamp(α·x + β, 0, 1).</summary>
    HardSwish,

    /// <summary>x·sigmoid(α·x); SiLU for α = 1.</summary>
    Swish,

    /// <summary>x·Φ(x) with the error function.</summary>
    Gelu,

    /// <summary>GELU by its tanh approximation.</summary>
    GeluTanh,

    /// <summary>x·tanh(ln(1 + eˣ)).</summary>
    Mish,

    /// <summary>ln(1 + eˣ).</summary>
    Softplus,

    /// <summary>x / (1 + |x|).</summary>
    Softsign,

    /// <summary>x &lt; -α ? x + β : x &gt; α ? x - β : 0.</summary>
    Shrink,

    /// <summary>Bool: true for NaN.</summary>
    IsNaN,

    /// <summary>Bool: true for infinities; α and β are 1 if negative and positive ones count.</summary>
    IsInf,

    /// <summary>Bool: the opposite.</summary>
    Not,

    /// <summary>Integers: all bits inverted.</summary>
    BitwiseNot,
}
