using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>How the elements of a weight are stored.</summary>
internal enum WeightStorage
{
    Float32, Int32, Bool, Float16,

    /// <summary>Unsigned integers that stand for integer · scale + minimum.</summary>
    UInt8, UInt16,

    /// <summary>Two floats each, for which there is no type here.</summary>
    Complex64,
}

/// <summary>A constant of the model: where its elements lie, and what they stand for.</summary>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Type">Type of its elements in the graph.</param>
/// <param name="Storage">How they are stored.</param>
/// <param name="Scale">Step of stored integers.</param>
/// <param name="Minimum">What a stored 0 stands for.</param>
/// <param name="Group">Which group of shards has them.</param>
/// <param name="Offset">Where they begin in the group's bytes.</param>
internal sealed record WeightSpec(Shape Shape, DataType Type, WeightStorage Storage, double Scale, double Minimum, int Group, long Offset)
{
    /// <summary>Size of an element in the file.</summary>
    public int ElementSize => Storage switch
    {
        WeightStorage.Bool or WeightStorage.UInt8 => 1,
        WeightStorage.Float16 or WeightStorage.UInt16 => 2,
        WeightStorage.Complex64 => 8,
        _ => 4,
    };

    /// <summary>Size in the file.</summary>
    public long ByteCount => Shape.Count * ElementSize;
}
