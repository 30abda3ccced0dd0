using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>
/// Slices as Python writes them: <c>x[1:, ..., None, -1]</c>. Begins, ends and strides are lists, and bits of masks say which of their entries are
/// left out, stand for several axes, add an axis, or pick one element.
/// </summary>
internal static class StridedSlices
{
    public static Value Import(TensorFlowNode node)
    {
        Value x = node.Input(0), begin = node.Input(1), end = node.Input(2);
        long[] strides = node.Integers(3);
        var masks = new Masks(node.Attributes);
        int rank = node.Rank(x);
        if (strides.Length > 32) throw node.Problem($"it has {strides.Length} strides; a tensor has not as many axes");
        bool known = begin.Constant is not null && end.Constant is not null;
        long[] begins = known ? node.Integers(begin) : [], ends = known ? node.Integers(end) : [];
        if (known && (begins.Length != strides.Length || ends.Length != strides.Length)) throw node.Problem($"{begins.Length} begins, {ends.Length} ends and {strides.Length} strides do not fit each other");

        int entries = Enumerable.Range(0, strides.Length).Count(i => !masks.Ellipsis(i) && !masks.NewAxis(i)), axis = 0, result = 0;
        var slice = new Slice();
        List<long> starts = [], stops = [], axes = [], steps = [], dropped = [], added = [];
        List<int> used = [];
        for (int i = 0; i < strides.Length; i++)
        {
            if (masks.Ellipsis(i))
            {
                int width = Math.Max(0, rank - entries);
                axis += width;
                result += width;
                continue;
            }
            if (masks.NewAxis(i))
            {
                added.Add(result++);
                continue;
            }
            if (axis >= rank) throw node.Problem($"it has more slices than {x.Type} has axes");
            if (strides[i] == 0) throw node.Problem("a stride is 0");
            bool shrinks = masks.Shrink(i), backwards = strides[i] < 0;
            if (known)
            {
                long from = begins[i];
                starts.Add(shrinks || !masks.Begin(i) ? from : backwards ? long.MaxValue : 0);
                stops.Add(shrinks ? (from == -1 ? int.MaxValue : from + 1) : !masks.End(i) ? ends[i] : backwards ? -(long)int.MaxValue : int.MaxValue);
                if (shrinks && x.Type.Shape[axis] is >= 0 and var size && (from < -size || from >= size)) throw node.Problem($"{x.Type} has no element {from} along axis {axis}");
            }
            used.Add(i);
            axes.Add(axis);
            steps.Add(shrinks ? 1 : strides[i]);
            if (shrinks) dropped.Add(axis);
            else result++;
            axis++;
        }
        slice.Axes = [.. axes];
        slice.Steps = [.. steps];
        if (known)
        {
            (slice.Starts, slice.Ends) = ([.. starts], [.. stops]);
            if (axes.Count > 0) x = node.Add1(slice, x);
        }
        else
        {
            (Value first, Value last) = Computed(node, begin, end, strides, used, masks);
            x = node.Add1(slice, x, first, last);
        }
        if (dropped.Count > 0) x = node.Add1(new Squeeze { Axes = [.. dropped] }, x);
        return added.Count > 0 ? node.Add1(new Unsqueeze { Axes = [.. added] }, x) : x;
    }

    /// <summary>Begins and ends that are computed while running, with what the masks put in their place.</summary>
    private static (Value First, Value Last) Computed(TensorFlowNode node, Value begin, Value end, long[] strides, List<int> used, Masks masks)
    {
        if (used.Count != strides.Length) throw node.Problem("begins and ends that are computed cannot go with new axes or an ellipsis");
        if (Array.Exists(strides, s => s < 0)) throw node.Problem("begins and ends that are computed cannot go with negative strides");
        Value far = node.Scalar(end.Type.DataType, int.MaxValue), one = node.Scalar(begin.Type.DataType, 1);
        Value first = Choose(i => masks.Begin(i) && !masks.Shrink(i), node.Scalar(begin.Type.DataType, 0), begin);
        // The last element is -1, but what follows it is not 0.
        Value isLast = node.Binary(BinaryFunction.Equal, begin, node.Scalar(begin.Type.DataType, -1));
        Value next = node.Prepare(new Where(), isLast, node.Cast(far, begin.Type.DataType), node.Binary(BinaryFunction.Add, begin, one));
        Value last = Choose(masks.Shrink, node.Cast(next, end.Type.DataType), Choose(masks.End, far, end));
        return (first, node.Cast(last, first.Type.DataType));

        Value Choose(Func<int, bool> bit, Value yes, Value no)
        {
            byte[] bits = [.. used.Select(i => bit(i) ? (byte)1 : (byte)0)];
            if (Array.TrueForAll(bits, b => b == 0)) return no;
            var tensor = new Tensors.Tensor(new Tensors.TensorType(Tensors.DataType.Bool, bits.Length));
            bits.CopyTo(tensor.View.Bytes);
            return node.Prepare(new Where(), node.Constant(tensor), yes, no);
        }
    }

    /// <summary>The five masks; bit i speaks of entry i.</summary>
    private sealed class Masks(TensorFlowAttributes given)
    {
        private readonly int begin = given.Int("begin_mask", 0), end = given.Int("end_mask", 0), ellipsis = given.Int("ellipsis_mask", 0),
            newAxis = given.Int("new_axis_mask", 0), shrink = given.Int("shrink_axis_mask", 0);

        public bool Begin(int i) => (begin >> i & 1) != 0;

        public bool End(int i) => (end >> i & 1) != 0;

        public bool Ellipsis(int i) => (ellipsis >> i & 1) != 0;

        public bool NewAxis(int i) => (newAxis >> i & 1) != 0 && !Ellipsis(i);

        public bool Shrink(int i) => (shrink >> i & 1) != 0 && !NewAxis(i) && !Ellipsis(i);
    }
}
