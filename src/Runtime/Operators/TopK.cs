using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The k largest or smallest elements along an axis, best first, and their indices (I64); of equal ones the lower index comes first.
/// k is the attribute, or input 1 when given.
/// </summary>
internal sealed class TopK : Operator
{
    public int Axis = -1;
    public long K = 1;
    public bool Largest = true;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Long("k", ref K);
        codec.Bool("largest", ref Largest);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [Moved(inputs[0].Type, x), new TensorType(DataType.I64, x)];
        int axis = NormalizeAxis(Axis, x.Rank), k = Shape.Unknown;
        if (Integers(inputs, 1, [K]) is { } wanted)
        {
            if (wanted.Length != 1 || wanted[0] < 0 || wanted[0] > (x[axis] < 0 ? int.MaxValue : x[axis]))
                throw Invalid($"[{string.Join(' ', wanted)}] elements along axis {axis} of {inputs[0].Type} cannot be had.");
            k = (int)wanted[0];
        }
        Shape y = x.With(axis, k);
        return [Moved(inputs[0].Type, y), new TensorType(DataType.I64, y)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[0].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Operator = this, X = inputs[0], Values = outputs[0], Indices = outputs[1] };
        TypeDispatch.Number(inputs[0].DataType, ref action);
    }

    private ref struct Action : INumberAction
    {
        public TopK Operator;
        public TensorView X, Values, Indices;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), values = Values.Span<T>();
            Span<long> indices = Indices.Span<long>();
            int axis = Operator.NormalizeAxis(Operator.Axis, X.Shape.Rank), length = X.Shape[axis], k = Values.Shape[axis];
            int inner = (int)X.Shape.Product(axis + 1, X.Shape.Rank), outer = (int)X.Shape.Product(0, axis);
            var row = new (T Value, int Index)[length];
            bool largest = Operator.Largest;
            for (int o = 0; o < outer; o++)
                for (int i = 0; i < inner; i++)
                {
                    for (int j = 0; j < length; j++) row[j] = (x[(o * length + j) * inner + i], j);
                    Array.Sort(row, (a, b) =>
                    {
                        int order = largest ? b.Value.CompareTo(a.Value) : a.Value.CompareTo(b.Value);
                        return order != 0 ? order : a.Index.CompareTo(b.Index);
                    });
                    for (int j = 0; j < k; j++)
                    {
                        values[(o * k + j) * inner + i] = row[j].Value;
                        indices[(o * k + j) * inner + i] = row[j].Index;
                    }
                }
        }
    }
}
