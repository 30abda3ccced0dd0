using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// What a node computes: its attributes, shape rule, cost, and slow exact definition. Declared once, in one file, and found
/// through <see cref="OperatorCatalog"/>. Everything faster is tested against <see cref="Evaluate"/>.
/// </summary>
public abstract class Operator
{
    /// <summary>The name in files, dumps and tables.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>How far a faster implementation may be from <see cref="Evaluate"/>.</summary>
    public virtual Tolerance Tolerance => Tolerance.Exact;

    /// <summary>
    /// True when output 0 has the bytes of input 0 under another shape, so that the planner lets both share memory.
    /// </summary>
    public virtual bool IsView => false;

    /// <summary>
    /// True when the outputs depend on the shapes of the inputs only, never on their elements, so that the node can be folded
    /// as soon as the shapes are known.
    /// </summary>
    public virtual bool ReadsOnlyShapes => false;

    /// <summary>The computations that the operator carries, such as the branches of a choice.</summary>
    public virtual IReadOnlyList<Body> Bodies => [];

    /// <summary>Visits each attribute by name; the one description that writer, reader, dump and comparison share.</summary>
    public virtual void Attributes(AttributeCodec codec) { }

    /// <summary>
    /// The types of the outputs. Dimensions that are unknown stay unknown (see <see cref="Shape"/>); where an output's shape
    /// depends on the <em>values</em> of an input, they are in <see cref="Operand.Value"/> if they are known, and the
    /// answer has unknown dimensions (or rank) if they are not.
    /// </summary>
    /// <exception cref="EdgeException">The operator is not defined for these operands (<see cref="ErrorCode.InvalidOperands"/>).</exception>
    public abstract TensorType[] Infer(ReadOnlySpan<Operand> inputs);

    /// <summary>Arithmetic operations and bytes moved by one execution; all shapes must be known.</summary>
    public virtual Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        Operators.Cost.Elementwise(inputs, outputs, 1);

    /// <summary>
    /// The definition: obvious, scalar, untuned. Outputs have the types of <see cref="Infer"/>, and never share memory with inputs.
    /// </summary>
    public abstract void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs);

    /// <summary>
    /// Runs the operator on actual inputs where the shapes of its outputs are not known before. One that learns them only by running overrides this.
    /// </summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="run">Runs bodies.</param>
    /// <exception cref="EdgeException">The operator is not defined for these inputs, or an output would take more memory than there is.</exception>
    public virtual Tensor[] Execute(ReadOnlySpan<TensorView> inputs, BodyRunner run)
    {
        Tensor[] results = Array.ConvertAll(Infer(Operand.Known(inputs)), type => new Tensor(type));
        Evaluate(inputs, Array.ConvertAll(results, r => r.View));
        return results;
    }

    /// <summary>What a body of the operator is given when the operator has these inputs, whichever time it is run.</summary>
    /// <param name="body">Index in <see cref="Bodies"/>.</param>
    /// <param name="inputs">Inputs of the operator.</param>
    internal virtual Operand[] BodyInputs(int body, ReadOnlySpan<Operand> inputs) => throw new NotSupportedException($"{Name} has no bodies.");

    /// <summary>How many of the last inputs every body is given, as they are, as its last inputs.</summary>
    /// <param name="inputs">Number of inputs of the operator.</param>
    internal virtual int Captures(int inputs) => 0;

    /// <summary>Name and attributes, such as Softmax(axis: -1).</summary>
    public override string ToString() => AttributeText.Format(this);

    /// <summary>An error of the operands, in this operator's name.</summary>
    protected EdgeException Invalid(string problem) =>
        // Lists of sizes and pads come from files, and may be of any length.
        new(ErrorCode.InvalidOperands, $"{Name}: {(problem.Length <= LongestProblem ? problem : $"{problem[..LongestProblem]} …")}");

    private const int LongestProblem = 1000;

    /// <summary>Checks the number of inputs; trailing optional inputs may be absent.</summary>
    protected void RequireInputs(ReadOnlySpan<Operand> inputs, int least, int most)
    {
        if (inputs.Length < least || inputs.Length > most)
            throw Invalid($"it has {inputs.Length} inputs, expected {(least == most ? $"{least}" : $"{least} to {most}")}.");
        for (int i = 0; i < least; i++)
            if (inputs[i].IsMissing) throw Invalid($"input {i} is missing.");
    }

    /// <summary>
    /// Integers that an attribute holds, or an input when it is given; null when they are not known before running.
    /// </summary>
    protected static long[]? Integers(ReadOnlySpan<Operand> inputs, int index, long[] attribute) =>
        index < inputs.Length && !inputs[index].IsMissing ? inputs[index].Integers() : attribute;

    /// <summary>The elements of an I32 or I64 operand of <see cref="Evaluate"/>.</summary>
    protected long[] Integers(in TensorView view) =>
        new Operand(view.Type, view).Integers() ?? throw Invalid($"{view.Type} are no 32- or 64-bit integers.");

    /// <summary>The type of the same elements moved to another shape; scales along an axis would no longer fit.</summary>
    protected static TensorType Moved(in TensorType x, in Shape shape) =>
        new(x.DataType, shape, x.Quantization is { Axis: < 0 } quantization ? quantization : null);

    /// <summary>A non-negative axis for a rank.</summary>
    protected int NormalizeAxis(long axis, int rank)
    {
        if (axis < -rank || axis >= rank) throw Invalid($"axis {axis} is outside of rank {rank}.");
        return (int)(axis < 0 ? axis + rank : axis);
    }

    /// <summary>A non-negative index below a size, from data.</summary>
    protected int NormalizeIndex(long index, int size)
    {
        if (index < -size || index >= size) throw Invalid($"index {index} is outside of {size}.");
        return (int)(index < 0 ? index + size : index);
    }
}
