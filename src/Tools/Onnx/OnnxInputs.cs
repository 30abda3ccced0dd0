using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>Declares the model's inputs: their types, symbols for dimensions that have a name, and the shapes that the caller fixes.</summary>
/// <param name="builder">Receives the inputs.</param>
/// <param name="problems">Receives what is wrong.</param>
/// <param name="types">Receives what sequences and optional values hold.</param>
internal sealed class OnnxInputs(GraphBuilder builder, ImportProblems problems, Dictionary<Value, OnnxType> types)
{
    /// <summary>Sizes of symbols, from the shapes that the caller fixes.</summary>
    private readonly Dictionary<string, int> sizes = new(StringComparer.Ordinal);

    /// <summary>Adds the inputs to the graph and to the scope.</summary>
    public void Import(IEnumerable<ValueInfoProto> inputs, IReadOnlyDictionary<string, Shape> fixedShapes, OnnxScope scope)
    {
        List<ValueInfoProto> list = [.. inputs];
        foreach (string name in fixedShapes.Keys.Where(name => list.TrueForAll(i => i.Name != name)))
            problems.Add($"a shape is given for the input '{name}', which the model has not; it has {string.Join(", ", list.Select(i => $"'{i.Name}'"))}");
        foreach (ValueInfoProto input in list)
            if (fixedShapes.TryGetValue(input.Name, out Shape shape)) BindSymbols(input, shape);
        foreach (ValueInfoProto input in list)
        {
            Value? value = null;
            try
            {
                value = builder.Input(input.Name, TypeOf(input, fixedShapes));
                if (OnnxType.IsKept(input.Type)) types[value] = OnnxType.From(input.Type);
            }
            catch (EdgeException e)
            {
                problems.Add($"input '{input.Name}': {e.Problem}");
            }
            if (value is not null && OnnxHalves.Widen(value.Type.DataType) != value.Type.DataType) value = builder.Add1($"{input.Name}/f32", new Cast { To = DataType.F32 }, value);
            if (!scope.Define(input.Name, value)) problems.Add($"two inputs are named '{input.Name}'");
        }
    }

    private void BindSymbols(ValueInfoProto input, Shape shape)
    {
        if (input.Type?.TensorType?.Shape is not { } declared || declared.Dim.Count != shape.Rank) return;
        for (int i = 0; i < shape.Rank; i++)
        {
            string symbol = declared.Dim[i].DimParam;
            if (symbol.Length == 0 || shape[i] < 0 || sizes.TryAdd(symbol, shape[i]) || sizes[symbol] == shape[i]) continue;
            problems.Add($"input '{input.Name}': the shape {shape} makes the dimension '{symbol}' {shape[i]}, but it is {sizes[symbol]} elsewhere");
        }
    }

    private TensorType TypeOf(ValueInfoProto input, IReadOnlyDictionary<string, Shape> fixedShapes)
    {
        if (input.Type?.TensorType is not { } tensor) return OnnxType.From(input.Type).Tensor;
        Shape declared = tensor.Shape is null ? Shape.Unranked : Declared(tensor.Shape);
        if (fixedShapes.TryGetValue(input.Name, out Shape given))
        {
            if (!declared.Accepts(given))
                throw new EdgeException(ErrorCode.UnsupportedOnnx, $"the shape {given} does not fit the model's {declared}");
            declared = given;
        }
        return new TensorType(OnnxTensors.RequireDataType(tensor.ElemType), declared);
    }

    private Shape Declared(TensorShapeProto shape)
    {
        if (shape.Dim.Count > Shape.MaxRank)
            throw new EdgeException(ErrorCode.UnsupportedOnnx, $"it has {shape.Dim.Count} dimensions; at most {Shape.MaxRank} are supported");
        Span<int> dims = stackalloc int[shape.Dim.Count];
        for (int i = 0; i < dims.Length; i++)
        {
            TensorShapeProto.Types.Dimension dim = shape.Dim[i];
            // Exporters write -1 for an unknown size now and then.
            if (dim.HasDimValue && dim.DimValue is < -1 or > int.MaxValue) throw new EdgeException(ErrorCode.MalformedOnnx, $"its dimension {i} is {dim.DimValue}");
            dims[i] = dim.HasDimValue ? (int)dim.DimValue
                : !dim.HasDimParam || dim.DimParam.Length == 0 ? Shape.Unknown
                : sizes.TryGetValue(dim.DimParam, out int size) ? size
                : builder.Symbol(dim.DimParam);
        }
        return new Shape(dims);
    }
}
