using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// A body as a plan inside a kernel. Its inputs are read where they lie and its outputs written where they are wanted, so that nothing is copied but what the body hands
/// through.
/// </summary>
internal sealed class CpuBody
{
    private readonly CpuPlan plan;
    private readonly (TensorView From, TensorView To)[] copies;

    private CpuBody(CpuPlan plan, (TensorView From, TensorView To)[] copies)
    {
        this.plan = plan;
        this.copies = copies;
    }

    /// <summary>Compiles a body; null when its shapes depend on data.</summary>
    /// <param name="binding">The step that has it.</param>
    /// <param name="body">The body.</param>
    /// <param name="operands">What it is given; known elements become constants of its plan.</param>
    /// <param name="inputs">Where its inputs lie.</param>
    /// <param name="outputs">Where its outputs are wanted; a missing view for one that is not.</param>
    /// <exception cref="EdgeException">The body is not for these operands, or its outputs are not what is wanted.</exception>
    public static CpuBody? Compile(CpuBinding binding, Body body, Operand[] operands, TensorView[] inputs, TensorView[] outputs)
    {
        Graph graph = GraphBinding.Bind(((GraphBody)body).Graph, operands, binding.Memory.Folding);
        if (!graph.IsStatic) return null;
        for (int i = 0; i < outputs.Length; i++)
        {
            TensorType type = graph.Outputs[i].Value.Type;
            if (!outputs[i].IsMissing && (type.DataType != outputs[i].DataType || type.Shape != outputs[i].Shape))
                throw new EdgeException(ErrorCode.InvalidOperands, $"The body '{body.Name}' gives {type} where {outputs[i].Type} is wanted.");
        }
        ExecutionPlan whole = Planner.Plan(graph);
        PlanSlot[] slots = [.. whole.Slots];
        var ports = new Dictionary<int, TensorView>();
        for (int i = 0; i < inputs.Length; i++) ports[whole.Inputs[i].Slot] = inputs[i];
        var handedThrough = new List<int>();
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i].IsMissing) continue;
            int storage = slots[whole.Outputs[i].Slot].Storage;
            // What is an input, a constant, or given twice is not written by a step where it is wanted.
            if (slots[storage].Kind != SlotKind.Arena || !ports.TryAdd(storage, outputs[i])) handedThrough.Add(i);
        }
        for (int i = 0; i < slots.Length; i++)
            if (slots[i].Kind == SlotKind.Arena && ports.ContainsKey(slots[i].Storage)) slots[i] = slots[i] with { Kind = SlotKind.Port };
        ExecutionPlan plan = PlanLayout.Place(whole.Name, slots, [.. whole.Steps], [.. whole.Inputs], [.. whole.Outputs]);
        CpuPlan compiled = binding.Memory.Own(new CpuPlan(plan, ports, binding.Context, profile: false, binding.Memory));
        return new CpuBody(compiled, [.. handedThrough.Select(i => (compiled.Output(i), outputs[i]))]);
    }

    /// <summary>Number of its steps.</summary>
    public int Steps => plan.Plan.Steps.Count;

    /// <summary>Runs it once. Allocates nothing.</summary>
    public void Run()
    {
        plan.Run();
        foreach ((TensorView from, TensorView to) in copies) from.Bytes.CopyTo(to.Bytes);
    }
}
