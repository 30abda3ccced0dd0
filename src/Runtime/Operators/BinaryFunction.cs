namespace EdgeRuntime.Operators;

/// <summary>The functions of two elements.</summary>
internal enum BinaryFunction
{
    Add, Sub, Mul, Div, Pow, Min, Max,

    /// <summary>Remainder with the divisor's sign, as Python's %.</summary>
    Mod,

    /// <summary>Remainder with the dividend's sign, as C's fmod.</summary>
    FMod,

    /// <summary>x &lt; 0 ? x·slope : x.</summary>
    PRelu,

    /// <summary>Bool answers from here on.</summary>
    Equal, Greater, GreaterOrEqual, Less, LessOrEqual,

    /// <summary>Bool operands.</summary>
    And, Or, Xor,

    /// <summary>Integer operands.</summary>
    ShiftLeft, ShiftRight, BitwiseAnd, BitwiseOr, BitwiseXor,
}
