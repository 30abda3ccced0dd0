using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// An activation as kernels apply it: what can be done while sums are in registers (x &lt; 0 becomes Slope·x, then clamp to Low
/// and High), and a pass over the finished rows for everything else.
/// </summary>
internal readonly struct FastActivation
{
    public readonly float Slope = 1, Low = float.NegativeInfinity, High = float.PositiveInfinity;

    /// <summary>What is still to be applied to the finished elements; null for nothing.</summary>
    public readonly UnaryPass? Rest;

    public FastActivation(Activation activation)
    {
        switch (activation.Function)
        {
            case UnaryFunction.Identity: break;
            case UnaryFunction.Relu: Low = 0; break;
            case UnaryFunction.Clip when activation.Alpha <= activation.Beta:
                Low = activation.Alpha;
                High = activation.Beta;
                break;
            case UnaryFunction.LeakyRelu: Slope = activation.Alpha; break;
            default: Rest = UnaryPass.For(activation.Function, activation.Alpha, activation.Beta); break;
        }
    }

    /// <summary>Writes what tiles apply into a tile.</summary>
    public void Set(ref GemmTile tile)
    {
        tile.Slope = Slope;
        tile.Low = Low;
        tile.High = High;
    }
}
