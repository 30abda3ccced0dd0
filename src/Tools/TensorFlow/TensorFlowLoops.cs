using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>
/// Control flow of the first version: nodes that pass tensors on to a branch, or around a loop. Branches whose condition is constant are
/// decided and loops whose number of turns is known are unrolled, which is what exporters leave of loops over the pictures of a batch.
/// </summary>
/// <param name="nodes">The model's nodes.</param>
/// <param name="find">The outputs of a node in a turn, or null when they are not known yet.</param>
internal sealed class TensorFlowLoops(IReadOnlyDictionary<string, NodeDefinition> nodes, Func<string, LoopTurn?, TensorFlowResult[]?> find)
{
    private const int MostTurns = 4096, DeepestNesting = 4;

    private readonly Dictionary<(string Frame, LoopTurn? Around), LoopTurn> first = [];

    /// <summary>How far each loop has been followed.</summary>
    private readonly Dictionary<(string Exit, LoopTurn? Around), LoopTurn> reached = [];

    /// <summary>The operators that are treated here.</summary>
    public static IReadOnlyList<string> Operators { get; } = ["Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond"];

    /// <summary>
    /// The outputs of a node, if what they depend on is known. Else null, and the node that must be known first.
    /// </summary>
    /// <exception cref="EdgeException">The node makes no sense, or depends on data.</exception>
    public TensorFlowResult[]? Evaluate(NodeDefinition node, LoopTurn? turn, out (string Node, LoopTurn? Turn) need)
    {
        need = default;
        switch (node.Operator)
        {
            case "Enter":
                return Pass(Input(node, 0), Inside(turn).Around, out need);
            case "Merge" when node.Inputs.Any(IsFromLoop):
                NodeReference[] ways = [.. node.Inputs.Where(i => IsFromLoop(i) == (Inside(turn).Before is not null))];
                if (ways.Length != 1) throw Malformed("it is no begin of a loop");
                return turn!.Before is null ? Pass(ways[0], turn, out need) : Pass(Input(nodes[ways[0].Node], 0), turn.Before, out need);
            case "Merge":
                return Merge(node, turn, out need);
            case "Switch":
                return Switch(node, turn, out need);
            case "Exit":
                return Exit(node, turn, out need);
            case "NextIteration":
                throw Malformed("it is read by what is no begin of a loop");
            default:
                return Pass(Input(node, 0), turn, out need);
        }
    }

    /// <summary>The result that a reference means among a node's outputs.</summary>
    public static TensorFlowResult Output(TensorFlowResult[] outputs, NodeReference reference) =>
        outputs is [{ IsDead: true }] ? TensorFlowResult.Dead : reference.Output < outputs.Length ? outputs[reference.Output] : default;

    private TensorFlowResult[]? Pass(NodeReference from, LoopTurn? turn, out (string, LoopTurn?) need)
    {
        need = (from.Node, turn);
        return find(from.Node, turn) is { } outputs ? [Output(outputs, from)] : null;
    }

    private TensorFlowResult[]? Merge(NodeDefinition node, LoopTurn? turn, out (string, LoopTurn?) need)
    {
        TensorFlowResult live = TensorFlowResult.Dead;
        foreach (NodeReference input in node.Inputs)
        {
            if (Pass(input, turn, out need) is not [var result]) return null;
            if (!result.IsDead) live = result;
        }
        need = default;
        return [live];
    }

    private TensorFlowResult[]? Switch(NodeDefinition node, LoopTurn? turn, out (string, LoopTurn?) need)
    {
        if (Pass(Input(node, 1), turn, out need) is not [var condition] || Pass(Input(node, 0), turn, out need) is not [var data]) return null;
        if (condition.IsDead || data.IsDead) return [TensorFlowResult.Dead];
        if (condition.IsMissing) return [];
        return IsTrue(condition) ? [TensorFlowResult.Dead, data] : [data, TensorFlowResult.Dead];
    }

    /// <summary>Follows the loop to its end; what leaves it is what would have begun the turn after the last.</summary>
    private TensorFlowResult[]? Exit(NodeDefinition node, LoopTurn? around, out (string, LoopTurn?) need)
    {
        NodeDefinition choice = Definition(Input(node, 0), "Switch"), merge = Definition(Input(choice, 0), "Merge");
        NodeReference condition = Input(choice, 1);
        NodeDefinition enter = Definition(merge.Inputs.FirstOrDefault(i => !IsFromLoop(i)), "Enter");
        // A damaged loop may leave itself before its next turn, and so be inside of itself.
        if (around?.Depth >= DeepestNesting) throw Malformed($"loops are more than {DeepestNesting} deep inside of each other");
        string frame = new TensorFlowAttributes(enter.Attributes).String("frame_name", "");
        if (!reached.TryGetValue((node.Name, around), out LoopTurn? turn) && !first.TryGetValue((frame, around), out turn)) first[(frame, around)] = turn = LoopTurn.First(around);
        while (true)
        {
            reached[(node.Name, around)] = turn;
            if (Pass(condition, turn, out need) is not [var goesOn]) return null;
            if (goesOn.IsMissing) return [];
            if (goesOn.IsDead) return [TensorFlowResult.Dead];
            if (!IsTrue(goesOn)) return Pass(Input(choice, 0), turn, out need);
            if (turn.Index >= MostTurns) throw new EdgeException(ErrorCode.UnsupportedTensorFlow, $"its loop takes more than {MostTurns:N0} turns");
            turn = turn.Next;
        }
    }

    private static bool IsTrue(TensorFlowResult condition)
    {
        if (condition.Value is not { } value) throw Malformed("its condition is no tensor");
        if (value.Constant is not { } constant)
            throw new EdgeException(ErrorCode.UnsupportedTensorFlow, "its condition is computed while running, which control flow of the first version (Switch, Merge) cannot have here; fix the input shapes, or export the model with control flow of the second version");
        return constant.Type is { DataType: DataType.Bool, Shape.Count: 1 } ? constant.View.Bytes[0] != 0 : throw Malformed($"its condition {constant.Type} is no truth value");
    }

    private bool IsFromLoop(NodeReference input) => nodes.TryGetValue(input.Node, out NodeDefinition? node) && node.Operator == "NextIteration";

    private NodeDefinition Definition(NodeReference reference, string type) =>
        reference.Node is not null && nodes.TryGetValue(reference.Node, out NodeDefinition? node) && node.Operator == type ? node : throw Malformed($"its loop has no {type} where there must be one");

    private static LoopTurn Inside(LoopTurn? turn) => turn ?? throw Malformed("it belongs to a loop, but is read from outside");

    private static NodeReference Input(NodeDefinition node, int index) => index < node.Inputs.Count ? node.Inputs[index] : throw Malformed($"input {index} is missing");

    private static EdgeException Malformed(string problem) => new(ErrorCode.MalformedTensorFlow, problem);
}
