using System.Text;

namespace EdgeRuntime.Graphs;

/// <summary>The dump of a graph, one line a node: what the command line, tests and errors show.</summary>
public static class GraphText
{
    /// <summary>
    /// Lines such as <c>%3 f32[1x64x64x24] = Conv(kernel: [5 5], …)(%0, stem/weight f32[24x5x5x3], _)  # stem</c>.
    /// </summary>
    public static string Dump(Graph graph)
    {
        var numbers = new Dictionary<Value, int>();
        var text = new StringBuilder();
        foreach (Value input in graph.Inputs)
            text.Append($"input  %{Number(input)} {input.Type.Format(graph.Symbols)}  # {input.Name}\n");
        foreach (Node node in graph.Nodes)
        {
            string results = string.Join(", ", node.Outputs.Select(o => $"%{Number(o)} {o.Type.Format(graph.Symbols)}"));
            string operands = string.Join(", ", node.Inputs.Select(Operand));
            text.Append($"{results} = {node.Operator}({operands})  # {node.Name}\n");
        }
        foreach (GraphOutput output in graph.Outputs) text.Append($"output {Operand(output.Value)}  # {output.Name}\n");
        return text.ToString();

        int Number(Value value)
        {
            if (!numbers.TryGetValue(value, out int number)) numbers[value] = number = numbers.Count;
            return number;
        }

        string Operand(Value? value) => value switch
        {
            null => "_",
            { Constant: not null } => $"{value.Name} {value.Type}",
            _ => $"%{Number(value)}",
        };
    }
}
