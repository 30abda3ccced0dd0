using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>Writes floats in an order made for a kernel.</summary>
/// <param name="elements">All of them, zero before.</param>
internal delegate void Packer(Span<float> elements);

/// <summary>Writes integers in an order made for a kernel.</summary>
/// <param name="elements">All of them, zero before.</param>
internal delegate void IntegerPacker(Span<int> elements);

/// <summary>Elements that a step has packed for its kernels: floats (stored in the device's precision) or integers (stored as they are).</summary>
/// <param name="Count">Number of elements.</param>
/// <param name="Floats">Writes the floats, called once, at upload; null for integers.</param>
/// <param name="Integers">Writes the integers, called once, at upload; null for floats.</param>
internal sealed record PackedBuffer(int Count, Packer? Floats, IntegerPacker? Integers);

/// <summary>A step of a plan as lowering sees it: types, constants and the device's traits; it gathers what the dispatches need besides slots.</summary>
internal sealed class GpuStep(ExecutionPlan plan, PlanStep step, GpuTraits traits)
{
    private readonly List<PackedBuffer> packed = [];
    private readonly List<long> scratch = [];

    /// <summary>What the device can do.</summary>
    public GpuTraits Traits => traits;

    /// <summary>The operator.</summary>
    public Operator Operator => step.Operator;

    /// <summary>Number of inputs, those left out included.</summary>
    public int Inputs => step.Inputs.Count;

    /// <summary>Number of outputs.</summary>
    public int Outputs => step.Outputs.Count;

    /// <summary>Whether an optional input is given.</summary>
    public bool Has(int input) => input < step.Inputs.Count && step.Inputs[input] >= 0;

    /// <summary>Type of an input.</summary>
    public TensorType InputType(int input) => plan.Slots[step.Inputs[input]].Type;

    /// <summary>Type of an output.</summary>
    public TensorType OutputType(int output = 0) => plan.Slots[step.Outputs[output]].Type;

    /// <summary>Elements of an input that is known ahead; null when it is computed.</summary>
    public TensorView? Constant(int input) => plan.Slots[step.Inputs[input]] is { Constant: { } constant } slot ? constant.View.As(slot.Type) : null;

    /// <summary>The inputs as shape rules see them: what the operators work attributes out from.</summary>
    public Operand[] Operands()
    {
        var operands = new Operand[Inputs];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = Has(i) ? new Operand(InputType(i), Constant(i)) : default;
        return operands;
    }

    /// <summary>The first input, from one on, that is given but not known ahead; null when there is none.</summary>
    public int? FirstComputed(int from)
    {
        for (int i = from; i < Inputs; i++)
            if (Has(i) && Constant(i) is null) return i;
        return null;
    }

    /// <summary>An input as operand. Constants may be bound too: their elements are uploaded as they are.</summary>
    public BufferRef Input(int input) => new(BufferKind.Slot, step.Inputs[input]);

    /// <summary>An output as operand.</summary>
    public BufferRef Output(int output = 0) => new(BufferKind.Slot, step.Outputs[output]);

    /// <summary>Floats in an order made for a kernel, stored in the device's precision.</summary>
    public BufferRef Pack(int count, Packer fill) => Add(new PackedBuffer(count, fill, null));

    /// <summary>Integers for a kernel, stored as they are.</summary>
    public BufferRef PackIntegers(int[] values) => PackIntegers(values.Length, elements => values.CopyTo(elements));

    /// <summary>Integers for a kernel, stored as they are, that are worked out when they are uploaded.</summary>
    public BufferRef PackIntegers(int count, IntegerPacker fill) => Add(new PackedBuffer(count, null, fill));

    /// <summary>Memory for floats between the dispatches of this step, in the device's precision.</summary>
    public BufferRef Scratch(long count)
    {
        scratch.Add(count);
        return new(BufferKind.Scratch, scratch.Count - 1);
    }

    /// <summary>What was packed, by <see cref="BufferRef.Index"/>.</summary>
    public IReadOnlyList<PackedBuffer> Packed => packed;

    /// <summary>Numbers of floats of the scratch buffers, by <see cref="BufferRef.Index"/>.</summary>
    public IReadOnlyList<long> ScratchCounts => scratch;

    private BufferRef Add(PackedBuffer buffer)
    {
        packed.Add(buffer);
        return new(BufferKind.Packed, packed.Count - 1);
    }
}
