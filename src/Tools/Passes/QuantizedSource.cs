using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// What integers a float value was made of: it is a dequantized 8-bit tensor, perhaps transposed or reshaped after that. Passes that turn operators into integer ones ask for their operands here.
/// </summary>
internal sealed class QuantizedSource
{
    private readonly Value integers;
    private readonly Quantization quantization;
    private readonly List<Operator> moves;

    private QuantizedSource(Node maker, Value integers, Quantization quantization, List<Operator> moves)
    {
        Maker = maker;
        this.integers = integers;
        this.quantization = quantization;
        this.moves = moves;
    }

    /// <summary>The dequantization.</summary>
    public Node Maker { get; }

    /// <summary>True when there is something between the dequantization and the value.</summary>
    public bool IsMoved => moves.Count > 0;

    /// <summary>The one scale, when there is only one.</summary>
    public float Scale => quantization.Scales[0];

    /// <summary>How the integers stand for reals, in the layout of the float value.</summary>
    public Quantization Quantization => quantization;

    /// <summary>True when the integers are known.</summary>
    public bool IsConstant => integers.Constant is not null;

    /// <summary>The source of a value with one scale and zero point; null when it has none.</summary>
    public static QuantizedSource? Of(Value? value) => Any(value) is { quantization.Axis: < 0 } source ? source : null;

    /// <summary>The source of a constant with one scale, or one for each index along an axis; null when it has none.</summary>
    public static QuantizedSource? Weight(Value? value, int axis) =>
        Any(value) is { integers.Constant: not null } source && (source.quantization.Axis < 0 || source.quantization.Axis == axis) ? source : null;

    /// <summary>The source of the value transposed.</summary>
    public QuantizedSource Transposed(int[] permutation)
    {
        int axis = quantization.Axis < 0 ? -1 : Array.IndexOf(permutation, quantization.Axis);
        return new QuantizedSource(Maker, integers, new Quantization(quantization.Scales, quantization.ZeroPoints, axis), [.. moves, new Transpose { Permutation = permutation }]);
    }

    /// <summary>The integers in the layout of the float value, with their quantization in their type.</summary>
    public Value Add(GraphPatch patch)
    {
        if (integers.Constant is { } constant) return patch.Constant(integers.Name, Moved(constant));
        Value value = integers;
        if (!quantization.Equals(value.Type.Quantization))
            value = patch.Add1($"{value.Name}/Interpret", new Interpret { Scale = quantization.Scales[0], ZeroPoint = quantization.ZeroPoints[0] }, value);
        foreach (Operator move in moves)
        {
            // The same move of the same integers may be there already.
            string text = move.ToString();
            Value? existing = value.Consumers.FirstOrDefault(n => n.Operator.GetType() == move.GetType() && n.Input(1) is null && n.Operator.ToString() == text)?.Outputs[0];
            Value moved = existing ?? patch.Add1($"{value.Name}/{move.Name}", move, value);
            if (existing is null && move is Transpose transpose) moved.Name = LayoutName.Permuted(value.Name, transpose.Permutation);
            value = moved;
        }
        return value;
    }

    /// <summary>The constant integers in the layout of the float value, with their quantization.</summary>
    public Tensor Constant => Moved(integers.Constant!);

    /// <summary>The constant integers in the layout of the float value, as mere numbers.</summary>
    public Value AddNumbers(GraphPatch patch) => patch.Constant(integers.Name, Numbers());

    /// <summary>As <see cref="AddNumbers"/>, but rows as columns; where the graph has them as a constant already, that.</summary>
    public Value AddTransposedNumbers(Graph graph, GraphPatch patch)
    {
        Tensor numbers = Numbers();
        var turned = new TensorType(numbers.Type.DataType, numbers.Shape[1], numbers.Shape[0]);
        return graph.Constants.FirstOrDefault(c => c.Type == turned && IsTransposed(numbers, c.Constant!)) ?? Transposed([1, 0]).AddNumbers(patch);
    }

    private Tensor Numbers() => Moved(integers.Constant!).WithQuantization(null);

    private static bool IsTransposed(Tensor matrix, Tensor other)
    {
        int rows = matrix.Shape[0], columns = matrix.Shape[1];
        ReadOnlySpan<byte> a = matrix.View.Bytes, b = other.View.Bytes;
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                if (a[row * columns + column] != b[column * rows + row]) return false;
        return true;
    }

    private static QuantizedSource? Any(Value? value)
    {
        var moves = new List<Operator>();
        var shapes = new List<Shape>();
        while (value is not null && Move(value) is { } move)
        {
            moves.Insert(0, move);
            shapes.Insert(0, value.Type.Shape);
            value = value.Producer!.Inputs[0];
        }
        if (value?.Made<Dequantize>() is not { BlockSize: 0 } dequantize || value.Type.DataType != DataType.F32 || value.Producer!.Inputs[0] is not { } integers) return null;
        if (Read(dequantize, value.Producer) is not { } quantization) return null;
        // Scales along an axis follow it through the moves.
        int axis = quantization.Axis;
        Shape shape = integers.Type.Shape;
        for (int i = 0; i < moves.Count && axis >= 0; shape = shapes[i++])
        {
            axis = moves[i] is Transpose transpose ? Array.IndexOf(transpose.Permutation, axis) : AxisAfter(shape, axis, shapes[i]);
            if (axis < 0) return null;
        }
        return new QuantizedSource(value.Producer, integers, new Quantization(quantization.Scales, quantization.ZeroPoints, axis), moves);
    }

    /// <summary>The transpose or reshape to a known shape that makes a value; null when something else does.</summary>
    private static Operator? Move(Value value) => value.Type.Shape.IsUnranked ? null : value.Producer?.Operator switch
    {
        Transpose transpose => new Transpose { Permutation = transpose.For(value.Type.Shape.Rank) },
        Reshape or Flatten or Squeeze or Unsqueeze when value.Type.Shape.IsStatic && value.Producer.Inputs[0]!.Type.Shape.IsStatic =>
            new Reshape { Target = Array.ConvertAll(value.Type.Shape.Span.ToArray(), d => (long)d), AllowZero = true },
        _ => null,
    };

    /// <summary>Where an axis is after a reshape, if it is still one of its own; else -1.</summary>
    private static int AxisAfter(in Shape from, int axis, in Shape to)
    {
        long before = from.Product(0, axis);
        for (int i = 0; i < to.Rank; i++)
            if (to[i] == from[axis] && to.Product(0, i) == before) return i;
        return -1;
    }

    /// <summary>What the constant scales and zero points of a node say; null when they are not constant or make no sense.</summary>
    private static Quantization? Read(Dequantize dequantize, Node node)
    {
        Value integers = node.Inputs[0]!;
        if (integers.Type.DataType is not (DataType.U8 or DataType.I8) || integers.Type.Shape.IsUnranked) return null;
        if (node.Inputs[1]?.Constant is not { Type.DataType: DataType.F32 } scale || (node.Input(2) is { } zero && (zero.Constant is null || zero.Type.DataType != integers.Type.DataType))) return null;
        Span<float> scales = scale.Span<float>();
        if (scales.IsEmpty) return null;
        foreach (float s in scales)
            if (!(s > 0) || !float.IsFinite(s)) return null;
        int[] zeros = new int[scales.Length];
        for (int i = 0; i < zeros.Length && node.Input(2)?.Constant is { } points; i++) zeros[i] = Requantize.Element(points.View, points.Shape.Count == 1 ? 0 : i);
        if (scales.Length == 1) return new Quantization(scales, zeros, -1);
        int axis = dequantize.Axis < 0 ? dequantize.Axis + integers.Type.Shape.Rank : dequantize.Axis;
        return axis >= 0 && axis < integers.Type.Shape.Rank && integers.Type.Shape[axis] == scales.Length ? new Quantization(scales, zeros, axis) : null;
    }

    private Tensor Moved(Tensor constant)
    {
        Tensor moved = constant;
        foreach (Operator move in moves)
        {
            var result = new Tensor(move.Infer([new Operand(new TensorType(moved.Type.DataType, moved.Shape))])[0]);
            move.Evaluate([moved.View], [result.View]);
            moved = result;
        }
        return moved.WithQuantization(quantization);
    }
}
