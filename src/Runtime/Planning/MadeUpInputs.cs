using System.Runtime.InteropServices;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>What plans are fed with when only their speed is asked for.</summary>
internal static class MadeUpInputs
{
    /// <summary>Floats that are no zeros, in case a kernel looks at them; whole numbers stay zeros, which no index is out of bounds with.</summary>
    public static void Fill(ICompiledPlan plan)
    {
        for (int i = 0; i < plan.Plan.Inputs.Count; i++)
        {
            if (plan.Input(i).DataType != DataType.F32) continue;
            Span<float> elements = MemoryMarshal.Cast<byte, float>(plan.Input(i).Bytes);
            for (int e = 0; e < elements.Length; e++) elements[e] = (e * 37 % 101 - 50) / 64f;
        }
    }

    /// <summary>Takes it away again.</summary>
    public static void Clear(ICompiledPlan plan)
    {
        for (int i = 0; i < plan.Plan.Inputs.Count; i++) plan.Input(i).Bytes.Clear();
    }
}
