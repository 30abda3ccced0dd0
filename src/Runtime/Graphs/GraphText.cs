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
        var text = new StringBuilder();
        Dump(graph, text, "");
        return text.ToString();
    }

    private static void Dump(Graph graph, StringBuilder text, string indent)
    {
        var numbers = new Dictionary<Value, int>();
        foreach (Value input in graph.Inputs)
            text.Append($"{indent}input  %{Number(input)} {input.Type.Format(graph.Symbols)}  # {input.Name}\n");
        foreach (Node node in graph.Nodes)
        {
            string results = string.Join(", ", node.Outputs.Select(o => $"%{Number(o)} {o.Type.Format(graph.Symbols)}"));
            string operands = string.Join(", ", node.Inputs.Select(Operand));
            text.Append($"{indent}{results} = {node.Operator}({operands})  # {node.Name}\n");
            foreach (GraphBody body in node.Operator.Bodies.OfType<GraphBody>())
            {
                text.Append($"{indent}  body {body.Name}\n");
                Dump(body.Graph, text, indent + "    ");
            }
        }
        foreach (GraphOutput output in graph.Outputs) text.Append($"{indent}output {Operand(output.Value)}  # {output.Name}\n");

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
