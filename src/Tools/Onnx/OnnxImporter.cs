using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>
/// ONNX model to graph. Goes on after a problem, leaving out what depends on it, so that one error names everything that stands in
/// the way. What depends on constants only is computed at once: shapes are then known wherever they can be.
/// </summary>
internal sealed class OnnxImporter
{
    /// <summary>Functions that call each other can stand for more nodes than memory holds.</summary>
    private const int MostNodes = 1_000_000, DeepestInlining = 32;

    private readonly OnnxModel model;
    private readonly ImportProblems problems = new(ErrorCode.UnsupportedOnnx,
        "Export the model without these operators, for example with fixed shapes and after a simplifier has folded what is constant.");
    private readonly Dictionary<string, FunctionProto> functions = new(StringComparer.Ordinal);
    private readonly Dictionary<Value, OnnxType> types = [];
    private int nodeCount;

    private OnnxImporter(OnnxModel model)
    {
        this.model = model;
        Builder = new GraphBuilder(model.Name);
    }

    /// <summary>Receives the nodes.</summary>
    internal GraphBuilder Builder { get; private set; }

    /// <summary>What stands in the way.</summary>
    internal ImportProblems Problems => problems;

    /// <summary>Imports a file.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="inputShapes">Shapes that fix those of the named inputs, and with them the symbols they have; null for none.</param>
    /// <exception cref="EdgeException">The file is no ONNX model, or uses what cannot be imported; the message lists it all.</exception>
    public static EdgeModel Import(string path, IReadOnlyDictionary<string, Shape>? inputShapes = null) =>
        Import(OnnxReader.Read(path), inputShapes);

    /// <summary>Imports a model that was read; see <see cref="Import(string, IReadOnlyDictionary{string, Shape}?)"/>.</summary>
    public static EdgeModel Import(OnnxModel model, IReadOnlyDictionary<string, Shape>? inputShapes = null)
    {
        var importer = new OnnxImporter(model);
        importer.ImportModel(inputShapes ?? new Dictionary<string, Shape>());
        importer.problems.Throw(model.Name);
        var metadata = new ModelMetadata { Name = model.Name, SourceSha256 = model.Sha256, SourceProperties = Properties(model.Proto) };
        Graph graph = importer.Builder.Build();
        graph.RemoveDeadNodes();
        return new EdgeModel(graph, metadata);
    }

    private void ImportModel(IReadOnlyDictionary<string, Shape> inputShapes)
    {
        ModelProto proto = model.Proto;
        foreach (FunctionProto function in proto.Functions) functions[FunctionKey(function.Domain, function.Name)] = function;
        var scope = new OnnxScope(null, "", Opsets(proto.OpsetImport));
        if (scope.Opsets.TryGetValue("", out int version) && version is < OldestOpset or > NewestOpset)
            problems.Add($"the model uses operator set {version}; {OldestOpset} to {NewestOpset} are supported");

        HashSet<string> constants = ImportInitializers(proto.Graph, scope);
        new OnnxInputs(Builder, problems, types).Import(proto.Graph.Input.Where(i => !constants.Contains(i.Name)), inputShapes, scope);
        scope.Declare(proto.Graph);
        ImportNodes(proto.Graph.Node, scope);
        foreach (ValueInfoProto output in proto.Graph.Output)
        {
            if (!scope.TryFind(output.Name, out Value? value)) problems.Add($"nothing computes the model's output '{output.Name}'");
            else if (value is not null) Builder.Output(output.Name, OnnxHalves.AsDeclared(this, output, Taken(output, value)));
        }
        if (proto.Graph.Output.Count == 0) problems.Add("the model has no outputs");
    }

    /// <summary>Operator sets that the import functions were written for; of those before 7, only what did not change until then.</summary>
    private const int OldestOpset = 1, NewestOpset = 25;

    private HashSet<string> ImportInitializers(GraphProto graph, OnnxScope scope)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (TensorProto initializer in graph.Initializer) Define(initializer.Name, () => OnnxHalves.Widen(OnnxTensors.Read(initializer, model.Folder)));
        foreach (SparseTensorProto sparse in graph.SparseInitializer) Define(sparse.Values?.Name ?? "", () => OnnxHalves.Widen(OnnxTensors.Read(sparse, model.Folder)));
        return names;

        void Define(string name, Func<Tensor> read)
        {
            Value? value = null;
            try
            {
                value = Builder.Constant(name, read());
            }
            catch (EdgeException e)
            {
                problems.Add($"initializer '{name}': {e.Problem}");
            }
            names.Add(name);
            if (!scope.Define(name, value)) problems.Add($"two initializers are named '{name}'");
        }
    }

    private void ImportNodes(IEnumerable<NodeProto> nodes, OnnxScope scope)
    {
        foreach (NodeProto node in nodes)
        {
            string given = node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(o => o.Length > 0) ?? node.OpType;
            string name = scope.Prefix + given;
            Value?[] results = [];
            if (FindInputs(node, name, scope, out Value?[] inputs)) results = ImportNode(node, name, inputs, scope);
            for (int i = 0; i < node.Output.Count; i++)
            {
                string output = node.Output[i];
                if (output.Length > 0 && !scope.Define(output, i < results.Length ? results[i] : null))
                    problems.Add(name, node.OpType, $"its output '{output}' has been computed before");
            }
        }
    }

    /// <summary>False when an input could not be computed: then nothing is said, for the reason was said where it arose.</summary>
    private bool FindInputs(NodeProto node, string name, OnnxScope scope, out Value?[] inputs)
    {
        inputs = new Value?[node.Input.Count];
        bool known = true;
        for (int i = 0; i < inputs.Length; i++)
        {
            string input = node.Input[i];
            if (input.Length == 0) continue;
            bool defined = scope.TryFind(input, out inputs[i]);
            if (!defined) problems.Add(name, node.OpType, $"it reads '{input}', which nothing before it computes");
            known &= inputs[i] is not null;
        }
        // An operator without importer is reported even where its inputs are not known.
        if (!known && OnnxOperators.Find(node.Domain, node.OpType) is null && !functions.ContainsKey(FunctionKey(node.Domain, node.OpType)))
            problems.AddUnsupported(OnnxOperators.FullName(node.Domain, node.OpType), name);
        return known;
    }

    private Value?[] ImportNode(NodeProto proto, string name, Value?[] inputs, OnnxScope scope)
    {
        var attributes = new OnnxAttributes(Resolve(proto.Attribute, scope), model.Folder);
        string domain = proto.Domain is "ai.onnx" ? "" : proto.Domain;
        int version = scope.Opsets.GetValueOrDefault(domain, 1);
        var node = new OnnxNode(this, name, proto.OpType, version, inputs, [.. proto.Output], attributes, scope);
        try
        {
            if (++nodeCount > MostNodes) throw node.Problem($"the model has more than {MostNodes:N0} nodes");
            if (functions.TryGetValue(FunctionKey(domain, proto.OpType), out FunctionProto? function)) return Call(function, node, proto, scope);
            if (OnnxOperators.Find(domain, proto.OpType) is not { } import)
            {
                problems.AddUnsupported(OnnxOperators.FullName(domain, proto.OpType), name);
                return [];
            }
            Value[] results = import(node);
            LearnTypes(proto, results, scope);
            for (int i = 0; i < Math.Min(results.Length, proto.Output.Count); i++)
                if (node.Created.Contains(results[i]) && proto.Output[i].Length > 0) results[i].Name = scope.Prefix + proto.Output[i];
            for (int i = results.Length; i < proto.Output.Count; i++)
                if (node.Wants(i)) problems.Add(name, proto.OpType, $"its output {i} ('{proto.Output[i]}') is not supported");
            foreach (string problem in attributes.Problems) problems.Add(name, proto.OpType, problem);
            return attributes.Problems.Count == 0 ? results : [];
        }
        catch (EdgeException e)
        {
            foreach (string problem in attributes.Problems) problems.Add(name, proto.OpType, problem);
            // The graph's own errors name our node, which is this one.
            problems.Add(name, proto.OpType, (e.InnerException as EdgeException ?? e).Problem);
            return [];
        }
        catch (Exception e) when (e is OverflowException or ArgumentException or IndexOutOfRangeException or DivideByZeroException)
        {
            problems.Add(name, proto.OpType, $"its inputs or attributes make no sense: {e.Message}");
            return [];
        }
    }

    private Value?[] Call(FunctionProto function, OnnxNode node, NodeProto proto, OnnxScope caller)
    {
        if (caller.Depth >= DeepestInlining) throw node.Problem($"functions call each other more than {DeepestInlining} deep");
        string called = FunctionKey(function.Domain, function.Name);
        if (caller.Calls.Contains(called)) throw node.Problem($"the function '{function.Name}' calls itself");
        var arguments = new Dictionary<string, AttributeProto>(StringComparer.Ordinal);
        foreach (AttributeProto standard in function.AttributeProto) arguments[standard.Name] = standard;
        foreach ((string key, AttributeProto value) in Resolve(proto.Attribute, caller)) arguments[key] = value;
        var scope = new OnnxScope(null, node.Name + "/", Opsets(function.OpsetImport)) { Arguments = arguments, Depth = caller.Depth + 1, Bodies = caller.Bodies, Calls = caller.Calls.Append(called).ToHashSet(StringComparer.Ordinal) };
        for (int i = 0; i < function.Input.Count; i++)
            if (node.Optional(i) is { } input) scope.Define(function.Input[i], input);
        ImportNodes(function.Node.Select(n => WithoutMissing(n, function, node)), scope);
        return [.. function.Output.Select(o => scope.TryFind(o, out Value? value) ? value : throw node.Problem($"the function computes no '{o}'"))];
    }

    /// <summary>Where a function passes on an optional input that the call leaves out, the body's node leaves it out too.</summary>
    private static NodeProto WithoutMissing(NodeProto body, FunctionProto function, OnnxNode call)
    {
        if (!body.Input.Any(IsMissing)) return body;
        NodeProto copy = body.Clone();
        for (int i = 0; i < copy.Input.Count; i++)
            if (IsMissing(copy.Input[i])) copy.Input[i] = "";
        return copy;

        bool IsMissing(string name)
        {
            int index = function.Input.IndexOf(name);
            return index >= 0 && call.Optional(index) is null;
        }
    }

    /// <summary>Builds a node's subgraph in place; it sees the names around the node.</summary>
    internal Value[] Inline(OnnxNode node, string attribute)
    {
        GraphProto body = node.Attributes.Graph(attribute) ?? throw node.Problem($"it has no subgraph '{attribute}'");
        if (node.Scope.Depth >= DeepestInlining) throw node.Problem($"subgraphs nest more than {DeepestInlining} deep");
        var scope = new OnnxScope(node.Scope, $"{node.Name}/", node.Scope.Opsets) { Arguments = node.Scope.Arguments, Calls = node.Scope.Calls, Depth = node.Scope.Depth + 1, Bodies = node.Scope.Bodies };
        return ImportInto(Builder, body, scope, name => node.Problem($"its subgraph '{attribute}' could not be imported: '{name}'"));
    }

    /// <summary>Builds a subgraph whose inputs are defined; its outputs.</summary>
    /// <param name="builder">Receives its nodes.</param>
    /// <param name="body">The subgraph.</param>
    /// <param name="scope">Its scope.</param>
    /// <param name="problem">The error for an output that could not be built.</param>
    internal Value[] ImportInto(GraphBuilder builder, GraphProto body, OnnxScope scope, Func<string, EdgeException> problem)
    {
        GraphBuilder outer = Builder;
        Builder = builder;
        try
        {
            ImportInitializers(body, scope);
            scope.Declare(body);
            ImportNodes(body.Node, scope);
            return [.. body.Output.Select(o => scope.TryFind(o.Name, out Value? value) && value is not null ? value : throw problem(o.Name))];
        }
        finally
        {
            Builder = outer;
        }
    }

    /// <summary>Imports nodes that stand for one, in a scope of their own.</summary>
    /// <param name="node">The node they stand for.</param>
    /// <param name="nodes">What it stands for.</param>
    /// <param name="given">Values by the names that the nodes know them by.</param>
    /// <param name="outputs">The names of what is returned.</param>
    internal Value[] Expand(OnnxNode node, IEnumerable<NodeProto> nodes, IReadOnlyDictionary<string, Value> given, IEnumerable<string> outputs)
    {
        if (node.Scope.Depth >= DeepestInlining) throw node.Problem($"subgraphs nest more than {DeepestInlining} deep");
        var scope = new OnnxScope(node.Scope, $"{node.Name}/", node.Scope.Opsets) { Arguments = node.Scope.Arguments, Calls = node.Scope.Calls, Depth = node.Scope.Depth + 1, Bodies = node.Scope.Bodies };
        foreach ((string name, Value value) in given) scope.Define(name, value);
        ImportNodes(nodes, scope);
        return [.. outputs.Select(o => scope.TryFind(o, out Value? value) && value is not null ? value : throw node.Problem($"'{o}', which it stands for, could not be imported"))];
    }

    /// <summary>What a value is in the model, or null for a sequence or optional value of which the model does not say what it holds.</summary>
    internal OnnxType? TypeOf(Value value) => types.TryGetValue(value, out OnnxType? type) ? type : value.Type.DataType == DataType.Sequence ? null : new OnnxType(value.Type);

    /// <summary>Keeps what a value of the graph is in the model.</summary>
    internal void SetType(Value value, OnnxType type) => types[value] = type;

    /// <summary>Where a model returns a value of which only the optional value is there, what is in it.</summary>
    private Value Taken(ValueInfoProto output, Value value) =>
        TypeOf(value) is { Element: { } element } type && OnnxType.IsKept(output.Type) && OnnxType.From(output.Type).Depth == type.Depth - 1
            ? Emit($"{output.Name}/element", element.Taken, [value, new Value($"{output.Name}/0", new TensorType(DataType.I64), Tensor.Scalar(0L))])[0] : value;

    /// <summary>Sequences that come out of a subgraph have the types that it declares; others those that the model declares for their names.</summary>
    private void LearnTypes(NodeProto proto, Value[] results, OnnxScope scope)
    {
        GraphProto? body = proto.Attribute.FirstOrDefault(a => a.G is not null)?.G;
        int conditions = proto.OpType == "Loop" ? 1 : 0;
        for (int i = 0; i < Math.Min(results.Length, proto.Output.Count); i++)
        {
            if (results[i].Type.DataType != DataType.Sequence || types.ContainsKey(results[i])) continue;
            TypeProto? carried = conditions > 0 && i + Loop.FirstCarried < body?.Input.Count ? body.Input[i + Loop.FirstCarried].Type : null;
            TypeProto? declared = OnnxType.IsKept(carried) ? carried : i + conditions < body?.Output.Count ? body.Output[i + conditions].Type : scope.Declared(proto.Output[i]);
            if (OnnxType.IsKept(declared)) types[results[i]] = OnnxType.From(declared);
        }
    }

    /// <summary>Adds a node, or its results when they are known already.</summary>
    internal Value[] Emit(string name, Operator op, ReadOnlySpan<Value?> operands)
    {
        Node node = GraphBuilder.Create(name, op, operands);
        // Weights are to stay integers until the passes have seen what is done with them.
        if (op is not Dequantize && ConstantFolding.Fold(node, keepGrowing: true) is { } folded) return [.. folded.Replacements.Select(r => r.Replacement)];
        Builder.Add(node);
        return [.. node.Outputs];
    }

    private static Dictionary<string, AttributeProto> Resolve(IEnumerable<AttributeProto> attributes, OnnxScope scope)
    {
        var resolved = new Dictionary<string, AttributeProto>(StringComparer.Ordinal);
        foreach (AttributeProto attribute in attributes)
        {
            if (!attribute.HasRefAttrName || attribute.RefAttrName.Length == 0) resolved[attribute.Name] = attribute;
            else if (scope.Arguments.TryGetValue(attribute.RefAttrName, out AttributeProto? argument)) resolved[attribute.Name] = argument;
        }
        return resolved;
    }

    private static Dictionary<string, int> Opsets(IEnumerable<OperatorSetIdProto> imports)
    {
        var opsets = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in imports)
            opsets[import.Domain is "ai.onnx" ? "" : import.Domain] = (int)Math.Clamp(import.Version, 0, int.MaxValue);
        return opsets;
    }

    private static string FunctionKey(string domain, string name) => $"{(domain is "ai.onnx" ? "" : domain)}.{name}";

    private static Dictionary<string, string> Properties(ModelProto proto)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        if (proto.ProducerName.Length > 0) properties["producer_name"] = proto.ProducerName;
        if (proto.ProducerVersion.Length > 0) properties["producer_version"] = proto.ProducerVersion;
        foreach (StringStringEntryProto entry in proto.MetadataProps) properties[entry.Key] = entry.Value;
        return properties;
    }
}
