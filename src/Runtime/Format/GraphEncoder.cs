using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Format;

/// <summary>Writes the graph section.</summary>
/// <remarks>
/// Counts and indices are LEB128 numbers, signed ones in zigzag form; a string is the index of a string in the table at the beginning.
/// Values are numbered as they come: inputs, constants, then the outputs of each node; so a node can only read what is before it.
/// <code>
/// section    = strings name symbols inputs constants operators nodes outputs
/// strings    = count (length UTF-8-bytes)*          symbols   = count string*
/// inputs     = count (string type)*                 operators = count string*
/// constants  = count (string type block)*           block is a row of the weight table
/// nodes      = count (string operator attributes operands results)*
/// attributes = count (string kind value)*           kind 1 signed, 2 f32, 3 string, 4 count signed*, 5 count f32*, 6 body
/// body       = name inputs constants operators nodes outputs
/// operands   = count (0 for one that is left out, else value + 1)*
/// results    = count (string type)*
/// outputs    = count (string value)*
/// type       = data-type rank+1 dimension* quantized [axis+1 count scale* zero-point*]
/// </code>
/// rank+1 is 0 for an unranked shape; a dimension is signed, see <see cref="Shape"/>; quantized is 0 or 1.
/// </remarks>
internal sealed class GraphEncoder
{
    private readonly List<string> strings = [];
    private readonly Dictionary<string, int> stringIndices = new(StringComparer.Ordinal);
    private readonly List<Tensor> blocks = [];
    private readonly Dictionary<Tensor, int> blockIndices = [];

    /// <summary>The section, and the tensors its constants refer to, in the order of the weight table.</summary>
    public static (byte[] Section, IReadOnlyList<Tensor> Blocks) Encode(Graph graph)
    {
        var encoder = new GraphEncoder();
        var body = new ByteWriter();
        // Like beside like: bytes, then wider elements, so that those that are packed shrink more.
        foreach (Value constant in graph.Constants.OrderBy(c => c.Type.DataType.Size())) encoder.Block(constant.Constant!);
        new Level(encoder, body).Write(graph, withSymbols: true);
        var section = new ByteWriter();
        section.Count(encoder.strings.Count);
        foreach (string text in encoder.strings)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            if (bytes.Length > EdgeFormat.LongestString)
                throw new EdgeException(ErrorCode.CannotWrite, $"The model '{graph.Name}' has a name of {bytes.Length:N0} bytes, '{text[..64]}…'; at most {EdgeFormat.LongestString:N0} fit into a file.", "Shorten it in the source model.");
            section.Count(bytes.Length);
            section.Bytes(bytes);
        }
        section.Append(body);
        return (section.ToArray(), encoder.blocks);
    }

    private int StringIndex(string text)
    {
        if (!stringIndices.TryGetValue(text, out int index))
        {
            stringIndices.Add(text, index = strings.Count);
            strings.Add(text);
        }
        return index;
    }

    private int Block(Tensor tensor)
    {
        if (!blockIndices.TryGetValue(tensor, out int block))
        {
            blockIndices.Add(tensor, block = blocks.Count);
            blocks.Add(tensor);
        }
        return block;
    }

    private void Body(Body body, ByteWriter target) => new Level(this, target).Write(((GraphBody)body).Graph, withSymbols: false);

    /// <summary>A graph, or one inside an operator: values are numbered anew in each, strings and blocks are shared.</summary>
    private sealed class Level(GraphEncoder encoder, ByteWriter body)
    {
        private readonly Dictionary<Value, int> valueIndices = [];

        public void Write(Graph graph, bool withSymbols)
        {
            String(graph.Name);
            if (withSymbols)
            {
                body.Count(graph.Symbols.Count);
                foreach (string symbol in graph.Symbols) String(symbol);
            }
            body.Count(graph.Inputs.Count);
            foreach (Value input in graph.Inputs) Declare(input);

            Value[] constants = [.. graph.Constants];
            body.Count(constants.Length);
            foreach (Value constant in constants)
            {
                int block = encoder.Block(constant.Constant!);
                Declare(constant);
                body.Count(block);
            }

            List<string> operators = [.. graph.Nodes.Select(n => n.Operator.Name).Distinct()];
            body.Count(operators.Count);
            foreach (string name in operators) String(name);
            body.Count(graph.Nodes.Count);
            foreach (Node node in graph.Nodes)
            {
                String(node.Name);
                body.Count(operators.IndexOf(node.Operator.Name));
                AttributeWriter.Write(node.Operator, body, encoder.StringIndex, encoder.Body);
                body.Count(node.Inputs.Count);
                foreach (Value? input in node.Inputs) body.Count(input is null ? 0 : valueIndices[input] + 1);
                body.Count(node.Outputs.Count);
                foreach (Value output in node.Outputs) Declare(output);
            }

            body.Count(graph.Outputs.Count);
            foreach (GraphOutput output in graph.Outputs)
            {
                String(output.Name);
                body.Count(valueIndices[output.Value]);
            }
        }

        private void Declare(Value value)
        {
            valueIndices.Add(value, valueIndices.Count);
            String(value.Name);
            Type(value.Type);
        }

        private void Type(in TensorType type)
        {
            body.Byte((byte)type.DataType);
            body.Byte((byte)(type.Shape.Rank + 1));
            foreach (int dimension in type.Shape.Span) body.Signed(dimension);
            body.Byte(type.Quantization is null ? (byte)0 : (byte)1);
            if (type.Quantization is not { } quantization) return;
            body.Byte((byte)(quantization.Axis + 1));
            body.Count(quantization.Scales.Length);
            foreach (float scale in quantization.Scales) body.Single(scale);
            foreach (int zeroPoint in quantization.ZeroPoints) body.Signed(zeroPoint);
        }

        private void String(string text) => body.Count(encoder.StringIndex(text));
    }
}
