using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The different elements of the flattened input, or its different slices along an axis. Outputs: they, the index of the first of
/// each, for each of the input which of them it is, and how often each occurs (the last three I64).
/// </summary>
internal sealed class Unique : Operator
{
    public int Axis;

    /// <summary>Compares single elements, ignoring the axis.</summary>
    public bool Flat = true;

    /// <summary>In ascending order; else in the order of first occurrence.</summary>
    public bool Sorted = true;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Bool("flat", ref Flat);
        codec.Bool("sorted", ref Sorted);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        Shape x = inputs[0].Shape;
        int count = inputs[0].Value is { } view ? Find(view).First.Count : Shape.Unknown, length = Shape.Unknown;
        Shape y = Shape.Unranked;
        if (Flat)
        {
            if (x.IsStatic) length = checked((int)x.Count);
            y = new Shape(count);
        }
        else if (!x.IsUnranked)
        {
            int axis = NormalizeAxis(Axis, x.Rank);
            length = x[axis];
            y = x.With(axis, count);
        }
        return [Moved(inputs[0].Type, y), new TensorType(DataType.I64, count), new TensorType(DataType.I64, length), new TensorType(DataType.I64, count)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[0].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        (List<int> first, int[] group) = Find(inputs[0]);
        TensorView x = Flat ? inputs[0].As(inputs[0].Type with { Shape = new Shape(group.Length) }) : inputs[0];
        first.ConvertAll(i => (long)i).CopyTo(outputs[1].Span<long>());
        new Gather { Axis = Flat ? 0 : Axis }.Evaluate([x, outputs[1]], outputs[..1]);
        Span<long> inverse = outputs[2].Span<long>(), counts = outputs[3].Span<long>();
        counts.Clear();
        for (int i = 0; i < group.Length; i++)
        {
            inverse[i] = group[i];
            counts[group[i]]++;
        }
    }

    private (List<int> First, int[] Group) Find(in TensorView view)
    {
        var action = new Action { Operator = this, X = view };
        TypeDispatch.Number(view.DataType == DataType.Bool ? DataType.U8 : view.DataType, ref action);
        return (action.First, action.Group);
    }

    private ref struct Action : INumberAction
    {
        public Unique Operator;
        public TensorView X;
        public List<int> First;
        public int[] Group;

        public void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            T[] x = TypeDispatch.View<T>(X).ToArray();
            Shape shape = X.Shape;
            int axis = Operator.Flat ? 0 : Operator.NormalizeAxis(Operator.Axis, shape.Rank);
            int length = Operator.Flat ? x.Length : shape[axis];
            int inner = Operator.Flat ? 1 : (int)shape.Product(axis + 1, shape.Rank), outer = Operator.Flat ? 1 : (int)shape.Product(0, axis);
            int Compare(int a, int b)
            {
                for (int o = 0; o < outer; o++)
                    for (int i = 0; i < inner; i++)
                    {
                        int order = x[(o * length + a) * inner + i].CompareTo(x[(o * length + b) * inner + i]);
                        if (order != 0) return order;
                    }
                return 0;
            }

            int[] order = [.. Enumerable.Range(0, length)];
            Array.Sort(order, (a, b) => Compare(a, b) is var c and not 0 ? c : a.CompareTo(b));
            First = [];
            Group = new int[length];
            for (int i = 0; i < length; i++)
            {
                if (i == 0 || Compare(order[i - 1], order[i]) != 0) First.Add(order[i]);
                Group[order[i]] = First.Count - 1;
            }
            if (Operator.Sorted) return;

            // Renumber by first occurrence.
            List<int> sorted = First;
            First = [.. sorted.Order()];
            int[] rank = new int[sorted.Count];
            for (int i = 0; i < sorted.Count; i++) rank[i] = First.BinarySearch(sorted[i]);
            for (int i = 0; i < length; i++) Group[i] = rank[Group[i]];
        }
    }
}
