using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>What a kernel is made from: a step, the memory of its operands, and room for packed weights and scratch.</summary>
/// <param name="plan">The plan.</param>
/// <param name="step">The step.</param>
/// <param name="slots">Memory of all slots of the plan.</param>
/// <param name="context">What all plans of the backend share.</param>
/// <param name="memory">What the plan owns.</param>
/// <param name="choice">Which of the ways is wanted; null for the one that is likely to be the best.</param>
internal sealed class CpuBinding(ExecutionPlan plan, PlanStep step, TensorView[] slots, CpuContext context, KernelMemory memory, KernelChoice? choice = null)
{
    /// <summary>The operator.</summary>
    public Operator Operator => step.Operator;

    /// <summary>Number of threads, the caller included.</summary>
    public int Workers => context.Pool.Workers;

    /// <summary>What all plans of the backend share.</summary>
    public CpuContext Context => context;

    /// <summary>What the plan owns.</summary>
    public KernelMemory Memory => memory;

    /// <summary>Which of the ways is wanted; null for the one that is likely to be the best.</summary>
    public KernelChoice? Choice => choice;

    /// <summary>True when a maker is to return its kernel whenever it can execute the step, whether or not it is likely to be the fastest.</summary>
    public bool IsAsked => choice is not null;

    /// <summary>Floats that vectors are to have at most; 0 for as many as suit the step.</summary>
    public int Lanes => choice is { Lanes: > 0 } ? choice.Lanes : context.Lanes;

    /// <summary>How integers are to be multiplied.</summary>
    public ProductPath Products => choice is { Products: not ProductPath.Automatic } ? choice.Products : context.Products;

    /// <summary>The same step, to be executed in a certain way.</summary>
    public CpuBinding With(KernelChoice? other) => new(plan, step, slots, context, memory, other);

    /// <summary>Input <paramref name="index"/>; a missing view when it is left out.</summary>
    public TensorView Input(int index) => index < step.Inputs.Count && step.Inputs[index] >= 0 ? slots[step.Inputs[index]] : default;

    /// <summary>True when the elements of input <paramref name="index"/> are known now and never change, so that they may be packed.</summary>
    public bool IsConstant(int index) =>
        index < step.Inputs.Count && step.Inputs[index] >= 0 && plan.Slots[step.Inputs[index]].Kind == SlotKind.Constant;

    /// <summary>
    /// The picture [N, C, H, W] of which input <paramref name="index"/> is nothing but the transposition to channels last, where it is an input of the plan: its memory holds when the step runs.
    /// A missing view otherwise.
    /// </summary>
    public TensorView Planes(int index)
    {
        int slot = index < step.Inputs.Count ? step.Inputs[index] : -1;
        foreach (PlanStep earlier in plan.Steps)
            if (earlier.Outputs[0] == slot && IsPlanes(plan, earlier)) return slots[earlier.Inputs[0]];
        return default;
    }

    /// <summary>True for a step that transposes an input of the plan from [N, C, H, W] to [N, H, W, C].</summary>
    public static bool IsPlanes(ExecutionPlan plan, PlanStep step) =>
        step.Operator is Transpose transpose && transpose.For(plan.Slots[step.Outputs[0]].Type.Shape.Rank) is [0, 2, 3, 1]
        && plan.Slots[step.Inputs[0]].Type.DataType == DataType.F32 && plan.Inputs.Any(port => port.Slot == step.Inputs[0]);

    /// <summary>Output <paramref name="index"/>.</summary>
    public TensorView Output(int index) => slots[step.Outputs[index]];

    /// <summary>All inputs.</summary>
    public TensorView[] Inputs => [.. Enumerable.Range(0, step.Inputs.Count).Select(Input)];

    /// <summary>All outputs.</summary>
    public TensorView[] Outputs => [.. step.Outputs.Select(o => slots[o])];

    /// <summary>Memory for packed weights or tables, alive as long as the plan.</summary>
    public unsafe void* Allocate(long bytes) => memory.Allocate(bytes);

    /// <summary>Memory for use while the kernel runs; see <see cref="KernelMemory.Scratch"/>.</summary>
    public unsafe void* Scratch(long bytes) => memory.Scratch(bytes);

    /// <summary>Memory for what is made of a constant input alone; see <see cref="KernelMemory.Shared"/>.</summary>
    public unsafe void* Shared(int input, string layout, long bytes, out bool isNew, bool isZeroed = true) => memory.Shared(Input(input), layout, bytes, out isNew, isZeroed);

    /// <summary>True when every given view exists and has the data type.</summary>
    public static bool Are(DataType type, params ReadOnlySpan<TensorView> views)
    {
        foreach (TensorView view in views)
            if (view.DataType != type) return false;
        return true;
    }
}
