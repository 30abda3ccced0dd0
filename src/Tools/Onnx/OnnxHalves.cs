using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>
/// Models in 16-bit floats are imported in 32-bit ones, which all kernels are made for; devices store them in 16 bits again if told to. Inputs and
/// outputs keep the types that the model declares, and files keep weights in 16 bits.
/// </summary>
internal static class OnnxHalves
{
    /// <summary>The type that a value is computed in.</summary>
    public static DataType Widen(DataType type) => type is DataType.F16 or DataType.BF16 ? DataType.F32 : type;

    /// <summary>A constant in the type that it is computed in; the constant itself where that is its own.</summary>
    public static Tensor Widen(Tensor tensor)
    {
        DataType type = Widen(tensor.Type.DataType);
        if (type == tensor.Type.DataType) return tensor;
        var wide = new Tensor(tensor.Type with { DataType = type });
        new Cast { To = type }.Evaluate([tensor.View], [wide.View]);
        tensor.Dispose();
        return wide;
    }

    /// <summary>A result in the type that the model declares.</summary>
    public static Value AsDeclared(OnnxImporter importer, ValueInfoProto declared, Value value)
    {
        DataType type = OnnxTensors.DataTypeOf(declared.Type?.TensorType?.ElemType ?? 0);
        return Widen(type) == type || value.Type.DataType != DataType.F32 ? value : importer.Emit($"{declared.Name}/{type}", new Cast { To = type }, [value])[0];
    }
}
