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
internal ref struct Scatter : INumberAction, IBitsAction
{
    private TensorView updates, result;
    private ReadOnlySpan<int> targets;
    private ScatterReduction reduction;

    /// <summary>Combines each update with the element of <paramref name="result"/> that <paramref name="targets"/> names.</summary>
    public static void Run(in TensorView updates, in TensorView result, ReadOnlySpan<int> targets, ScatterReduction reduction)
    {
        var action = new Scatter { updates = updates, result = result, targets = targets, reduction = reduction };
        if (reduction == ScatterReduction.Replace)
        {
            TypeDispatch.Bits(result.DataType, ref action);
            return;
        }
        DataType type = result.DataType;
        if (type == DataType.Bool)
        {
            // The sum of truths is either's, their product both's.
            type = DataType.U8;
            action.reduction = reduction is ScatterReduction.Add or ScatterReduction.Max ? ScatterReduction.Max : ScatterReduction.Min;
        }
        TypeDispatch.Number(type, ref action);
    }

    readonly void IBitsAction.Invoke<T>()
    {
        Span<T> x = TypeDispatch.View<T>(updates), y = TypeDispatch.View<T>(result);
        for (int i = 0; i < x.Length; i++) y[targets[i]] = x[i];
    }

    readonly void INumberAction.Invoke<T>()
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
                _ => T.Max(element, x[i]),
            };
        }
    }
}
