using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Binds operators that only move elements, of any type.</summary>
internal static unsafe class MovementMaker
{
    /// <summary>Transposition.</summary>
    public static CpuKernel? Transpose(CpuBinding binding)
    {
        Shape x = binding.Input(0).Shape;
        int[] permutation = ((Transpose)binding.Operator).For(x.Rank);
        Span<long> own = stackalloc long[Shape.MaxRank], strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(x, own);
        for (int i = 0; i < permutation.Length; i++) strides[i] = own[permutation[i]];
        return Strided(binding, "transpose", binding.Output(0).Shape, strides);
    }

    /// <summary>Repetition along axes of size 1.</summary>
    public static CpuKernel? Expand(CpuBinding binding)
    {
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(binding.Input(0).Shape, binding.Output(0).Shape, strides);
        return Strided(binding, "expand", binding.Output(0).Shape, strides);
    }

    /// <summary>Repetition of whole axes; each that is repeated is walked as two.</summary>
    public static CpuKernel? Tile(CpuBinding binding)
    {
        Shape x = binding.Input(0).Shape, y = binding.Output(0).Shape;
        if (y.Count == 0) return null;
        Span<long> own = stackalloc long[Shape.MaxRank], strides = stackalloc long[2 * Shape.MaxRank];
        Span<int> walked = stackalloc int[2 * Shape.MaxRank];
        Broadcast.Strides(x, own);
        int rank = 0;
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (x[axis] != y[axis]) (walked[rank], strides[rank++]) = (y[axis] / x[axis], 0);
            if (x[axis] != 1) (walked[rank], strides[rank++]) = (x[axis], own[axis]);
        }
        return rank <= Shape.MaxRank ? Strided(binding, "tile", new Shape(walked[..rank]), strides) : null;
    }

    /// <summary>Slices whose positions are known.</summary>
    public static CpuKernel? Slice(CpuBinding binding)
    {
        TensorView[] inputs = binding.Inputs;
        for (int i = 1; i < inputs.Length; i++)
            if (!inputs[i].IsMissing && !binding.IsConstant(i)) return null;
        Span<long> first = stackalloc long[Shape.MaxRank], step = stackalloc long[Shape.MaxRank], strides = stackalloc long[Shape.MaxRank];
        Shape y = ((Slice)binding.Operator).Resolve(Operand.Known(inputs), first, step);
        Broadcast.Strides(inputs[0].Shape, strides);
        long offset = 0;
        for (int axis = 0; axis < y.Rank; axis++)
        {
            offset += first[axis] * strides[axis];
            strides[axis] *= step[axis];
        }
        return Strided(binding, "slice", y, strides, offset);
    }

    /// <summary>Blocks of pixels to channels, or back.</summary>
    public static CpuKernel? DepthSpace(CpuBinding binding)
    {
        if (binding.Output(0).Shape.Count == 0) return null;
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Shape walked = ((DepthSpace)binding.Operator).Walk(binding.Input(0).Shape, binding.Output(0).Shape, strides);
        return Strided(binding, "depthspace", walked, strides);
    }

    /// <summary>Slices at known positions that are equally far apart: one of them, or the channels of a shuffle.</summary>
    public static CpuKernel? Gather(CpuBinding binding)
    {
        TensorView x = binding.Input(0), indices = binding.Input(1);
        if (!binding.IsConstant(1) || indices.Shape.Count == 0 || indices.Shape.Rank > 1 && indices.Shape.Count > 1) return null;
        int axis = ((Gather)binding.Operator).Axis;
        if (axis < 0) axis += x.Shape.Rank;
        if (new Operand(indices.Type, indices).Integers() is not { } known) return null;
        long size = x.Shape[axis], first = Place(known[0]), step = known.Length == 1 ? 0 : Place(known[1]) - first;
        if (first < 0 || (known.Length > 1 && step < 1)) return null;
        for (int i = 0; i < known.Length; i++)
            if (Place(known[i]) != first + i * step || Place(known[i]) >= size) return null;
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(x.Shape, strides);
        first *= strides[axis];
        strides[axis] *= step;
        return Strided(binding, "gather", x.Shape.With(axis, known.Length), strides, first);

        long Place(long index) => index < 0 ? index + size : index;
    }

    private static CpuKernel? Strided(CpuBinding binding, string name, in Shape walked, ReadOnlySpan<long> strides, long first = 0)
    {
        if (walked.Count == 0) return null;
        void* x = binding.Input(0).Data, y = binding.Output(0).Data;
        return binding.Output(0).DataType.Size() switch
        {
            1 => StridedKernel<byte>.Bind(name, x, y, walked, strides, first),
            2 => StridedKernel<ushort>.Bind(name, x, y, walked, strides, first),
            4 => StridedKernel<uint>.Bind(name, x, y, walked, strides, first),
            TextElement.Size => StridedKernel<TextElement>.Bind(name, x, y, walked, strides, first),
            _ => StridedKernel<ulong>.Bind(name, x, y, walked, strides, first),
        };
    }
}
