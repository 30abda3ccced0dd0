using System.Text;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>Where a slot's memory comes from.</summary>
public enum SlotKind
{
    /// <summary>In the arena, for as long as steps read it. Inputs and outputs of the plan keep their place for good.</summary>
    Arena,

    /// <summary>Elements known before running: the model file's memory.</summary>
    Constant,

    /// <summary>Where the caller says, who gives memory for inputs and outputs when the plan is compiled; only in sections for a backend in the host's memory.</summary>
    Port,
}

/// <summary>A place for one tensor.</summary>
/// <param name="Name">Name of the value.</param>
/// <param name="Type">Its type; the shape is fully known.</param>
/// <param name="Kind">Where its memory comes from.</param>
/// <param name="Offset">Offset in the arena in bytes, a multiple of <see cref="ExecutionPlan.Alignment"/>; 0 for others.</param>
/// <param name="Constant">Elements of a constant.</param>
/// <param name="Storage">The slot whose memory it shares: of a view the one it shows in the end, else itself.</param>
public sealed record PlanSlot(string Name, TensorType Type, SlotKind Kind, long Offset, Tensor? Constant, int Storage);

/// <summary>A node placed in a plan.</summary>
/// <param name="Name">Name of the node.</param>
/// <param name="Operator">What is computed.</param>
/// <param name="Inputs">Slots read; -1 where an optional input is left out.</param>
/// <param name="Outputs">Slots written.</param>
/// <param name="Cost">Operations and bytes.</param>
public sealed record PlanStep(string Name, Operator Operator, IReadOnlyList<int> Inputs, IReadOnlyList<int> Outputs, Cost Cost);

/// <summary>An input or output of a plan.</summary>
/// <param name="Name">Name by which users know it.</param>
/// <param name="Slot">Where it is.</param>
public sealed record PlanPort(string Name, int Slot);

/// <summary>Ordered steps, slots and their places in one arena: pure data that any backend can compile.</summary>
public sealed class ExecutionPlan
{
    /// <summary>
    /// Alignment of slots in the arena, in bytes: the largest that Vulkan lets a device ask for where storage and texel buffers begin, so that
    /// a backend can bind a slot as it is.
    /// </summary>
    public const int Alignment = 256;

    internal ExecutionPlan(string name, PlanSlot[] slots, PlanStep[] steps, PlanPort[] inputs, PlanPort[] outputs, long arenaBytes)
    {
        Name = name;
        Slots = slots;
        Steps = steps;
        Inputs = inputs;
        Outputs = outputs;
        ArenaBytes = arenaBytes;
    }

    /// <summary>Name of the model.</summary>
    public string Name { get; }

    /// <summary>Places of all tensors.</summary>
    public IReadOnlyList<PlanSlot> Slots { get; }

    /// <summary>What is executed, in order. Views (reshapes) are no steps: their slots share memory.</summary>
    public IReadOnlyList<PlanStep> Steps { get; }

    /// <summary>What is fed.</summary>
    public IReadOnlyList<PlanPort> Inputs { get; }

    /// <summary>What is returned.</summary>
    public IReadOnlyList<PlanPort> Outputs { get; }

    /// <summary>Size of the arena in bytes.</summary>
    public long ArenaBytes { get; }

    /// <summary>One line a step.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"plan {Name}: {Steps.Count} steps, arena {ArenaBytes:N0} bytes\n");
        foreach (PlanStep step in Steps)
        {
            text.Append(string.Join(", ", step.Outputs.Select(Describe))).Append($" = {step.Operator}(")
                .Append(string.Join(", ", step.Inputs.Select(i => i < 0 ? "_" : Describe(i)))).Append($")  # {step.Name}\n");
        }
        return text.ToString();
    }

    private string Describe(int slot) =>
        Slots[slot].Kind == SlotKind.Constant ? $"{Slots[slot].Type}" : $"@{Slots[slot].Offset} {Slots[slot].Type}";
}
