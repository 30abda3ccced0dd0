using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What becomes of an element that an update meets.</summary>
internal enum ScatterReduction
{
    /// <summary>The update takes its place; of several, the last.</summary>
    Replace,
    Add, Multiply, Min, Max,
}

/// <summary>Combines updates with elements in place; the common part of the scattering operators.</summary>
internal ref struct Scatter : INumberAction
{
    private TensorView updates, result;
    private ReadOnlySpan<int> targets;
    private ScatterReduction reduction;

    /// <summary>Combines each update with the element of <paramref name="result"/> that <paramref name="targets"/> names.</summary>
    public static void Run(in TensorView updates, in TensorView result, ReadOnlySpan<int> targets, ScatterReduction reduction)
    {
        var action = new Scatter { updates = updates, result = result, targets = targets, reduction = reduction };
        DataType type = result.DataType;
        // These are only moved, or no numbers at all.
        if (reduction == ScatterReduction.Replace) type = type switch { DataType.Bool => DataType.U8, DataType.BF16 => DataType.U16, _ => type };
        TypeDispatch.Number(type, ref action);
    }

    public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        Span<T> x = TypeDispatch.View<T>(updates), y = TypeDispatch.View<T>(result);
        for (int i = 0; i < x.Length; i++)
        {
            ref T element = ref y[targets[i]];
            element = reduction switch
            {
                ScatterReduction.Add => element + x[i],
                ScatterReduction.Multiply => element * x[i],
                ScatterReduction.Min => T.Min(element, x[i]),
                ScatterReduction.Max => T.Max(element, x[i]),
                _ => x[i],
            };
        }
    }
}
