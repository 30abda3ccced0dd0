using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Elements of any number type as doubles, for definitions that compute in double precision.</summary>
internal static class Elements
{
    /// <summary>The elements; those of a missing tensor are none. 64-bit integers beyond 2^53 are rounded.</summary>
    public static double[] Read(in TensorView view)
    {
        if (view.IsMissing) return [];
        var values = new double[checked((int)view.Shape.Count)];
        var action = new Reader { View = view, Values = values };
        TypeDispatch.Number(view.DataType == DataType.Bool ? DataType.U8 : view.DataType, ref action);
        return values;
    }

    /// <summary>The only element of an operand, or null when it is missing or not known.</summary>
    public static double? Scalar(in Operand operand) => operand.Value is { } view && view.Shape.Count == 1 ? Read(view)[0] : null;

    /// <summary>Writes the elements; integers are truncated and saturate.</summary>
    public static void Write(in TensorView view, ReadOnlySpan<double> values)
    {
        var action = new Writer { View = view, Values = values };
        TypeDispatch.Number(view.DataType, ref action);
    }

    private ref struct Reader : INumberAction
    {
        public TensorView View;
        public double[] Values;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> x = TypeDispatch.View<T>(View);
            for (int i = 0; i < x.Length; i++) Values[i] = double.CreateTruncating(x[i]);
        }
    }

    private ref struct Writer : INumberAction
    {
        public TensorView View;
        public ReadOnlySpan<double> Values;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> y = TypeDispatch.View<T>(View);
            for (int i = 0; i < y.Length; i++) y[i] = T.CreateSaturating(Values[i]);
        }
    }
}
