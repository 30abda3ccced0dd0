using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Lists of tensors, which loops collect their results in. Loops are unrolled, so lists exist only while importing.</summary>
internal static class Lists
{
    private const int Longest = 100_000;

    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("TensorListReserve", n => [TensorList.Reserve(Length(n, n.Integer(1)))]),
        ("EmptyTensorList", _ => [TensorList.Reserve(0)]),
        ("TensorListFromTensor", n => [TensorList.Of(Slices.Unpack(n, n.Input(0), 0, 0))]),
        ("TensorListGetItem", n => [Item(n, n.Integer(1))]),
        ("TensorListSetItem", SetItem),
        ("TensorListPushBack", n => [n.List(0).With(Length(n, n.List(0).Length + 1) - 1, n.Input(1))]),
        ("TensorListLength", n => [n.Scalar(DataType.I32, n.List(0).Length)]),
        ("TensorListStack", n => [Slices.Pack(n, [.. Enumerable.Range(0, n.List(0).Length).Select(i => Item(n, i))], 0)]),
    ];

    private static Value Item(TensorFlowNode node, int index) =>
        node.List(0).Items.TryGetValue(index, out Value? item) ? item : throw node.Problem($"element {index} of a list of {node.List(0).Length} was never set");

    private static TensorFlowResult[] SetItem(TensorFlowNode node)
    {
        int index = node.Integer(1);
        if (index is < 0 or >= Longest) throw node.Problem($"a list has no element {index}");
        return [node.List(0).With(index, node.Input(2))];
    }

    private static int Length(TensorFlowNode node, int length) => length is >= 0 and <= Longest ? length : throw node.Problem($"a list of {length} tensors cannot be made");
}
