using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Copies pieces of memory to or from positions that a tensor of indices holds, after checking each: gathering, and scattering that replaces.
/// </summary>
internal sealed unsafe class IndexedKernel : CpuKernel
{
    private const int TileBytes = 32 * 1024;

    /// <summary>Pieces whose places are looked up once, where indices are known.</summary>
    private const int MostPieces = 64 * 1024;

    private readonly Operator op;
    private readonly byte* x, y, kept;
    private readonly TensorView indices;
    private readonly long positions, perOuter, outerBytes, width, keptBytes;
    private readonly int[] sizes;
    private readonly long[] strides;
    private readonly bool repeats, scatters;
    private readonly int perTile;

    /// <param name="binding">The step; input 1 are the indices.</param>
    /// <param name="name">What it does.</param>
    /// <param name="position">Sizes of the axes that an index counts in, and bytes from one of their elements to the next.</param>
    /// <param name="positions">Number of positions.</param>
    /// <param name="perOuter">Positions of one element of the axes before, and its bytes.</param>
    /// <param name="width">Bytes of a piece.</param>
    /// <param name="repeats">True when each element of the axes before reads the same indices.</param>
    /// <param name="scatters">True when the positions are in the result, which begins as a copy of input 0; the pieces are input 2.</param>
    private IndexedKernel(CpuBinding binding, string name, (int Size, long Stride)[] position, long positions, (long Count, long Bytes) perOuter, long width, bool repeats, bool scatters)
    {
        op = binding.Operator;
        kept = scatters ? (byte*)binding.Input(0).Data : null;
        keptBytes = scatters ? binding.Input(0).Bytes.Length : 0;
        x = (byte*)binding.Input(scatters ? 2 : 0).Data;
        y = (byte*)binding.Output(0).Data;
        indices = binding.Input(1);
        sizes = Array.ConvertAll(position, p => p.Size);
        strides = Array.ConvertAll(position, p => p.Stride);
        this.positions = positions;
        (this.perOuter, outerBytes) = perOuter;
        this.width = width;
        (this.repeats, this.scatters) = (repeats, scatters);
        // Of several pieces for one place the last stays, so those that scatter keep their order.
        perTile = scatters ? (int)Math.Min(positions, int.MaxValue) : (int)Math.Clamp(TileBytes / width, 1, positions);
        Tiles = (int)((positions + perTile - 1) / perTile);
        Name = $"{name}_{(width is 1 or 2 or 4 or 8 ? $"{8 * width}" : "rows")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>Slices along an axis.</summary>
    public static CpuKernel? Gather(CpuBinding binding)
    {
        Shape shape = binding.Input(0).Shape;
        int axis = ((Gather)binding.Operator).Axis, size = binding.Input(0).DataType.Size();
        if (axis < 0) axis += shape.Rank;
        long count = binding.Input(1).Shape.Count, width = shape.Product(axis + 1, shape.Rank) * size;
        return Make(binding, "gather", [(shape[axis], width)], count * shape.Product(0, axis), (count, shape[axis] * width), width, repeats: true, scatters: false);
    }

    /// <summary>Slices at positions along several axes.</summary>
    public static CpuKernel? GatherND(CpuBinding binding)
    {
        int batch = ((GatherND)binding.Operator).BatchAxes;
        Shape shape = binding.Input(0).Shape, indices = binding.Input(1).Shape;
        int depth = indices[-1], size = binding.Input(0).DataType.Size();
        long bytes = shape.Product(batch, shape.Rank) * size;
        return Make(binding, "gathernd", Position(shape, batch, depth, size), indices.Product(0, indices.Rank - 1), (indices.Product(batch, indices.Rank - 1), bytes),
            shape.Product(batch + depth, shape.Rank) * size, repeats: false, scatters: false);
    }

    /// <summary>Slices put in place of others.</summary>
    public static CpuKernel? ScatterND(CpuBinding binding)
    {
        if (((ScatterND)binding.Operator).Reduction != ScatterReduction.Replace) return null;
        Shape shape = binding.Input(0).Shape, indices = binding.Input(1).Shape;
        int depth = indices[-1], size = binding.Input(0).DataType.Size();
        long positions = indices.Product(0, indices.Rank - 1);
        return Make(binding, "scatternd", Position(shape, 0, depth, size), positions, (positions, 0), shape.Product(depth, shape.Rank) * size, repeats: false, scatters: true);
    }

    private static (int Size, long Stride)[] Position(Shape shape, int first, int depth, int size) =>
        [.. Enumerable.Range(first, depth).Select(axis => (shape[axis], shape.Product(axis + 1, shape.Rank) * size))];

    private static CpuKernel? Make(CpuBinding binding, string name, (int Size, long Stride)[] position, long positions, (long Count, long Bytes) perOuter, long width, bool repeats, bool scatters)
    {
        if (positions == 0 || width == 0 || binding.Input(1).DataType is not (DataType.I64 or DataType.I32) || binding.Input(0).DataType.IsNoNumber()) return null;
        var kernel = new IndexedKernel(binding, name, position, positions, perOuter, width, repeats, scatters);
        return binding.IsConstant(1) && positions <= MostPieces && kernel.Known() is { } pieces
            ? new PiecesKernel(kernel.Name, kernel.x, kernel.y, pieces, kernel.kept, kernel.keptBytes) : kernel;
    }

    public override void Run(int first, int last, int worker)
    {
        if (scatters) Buffer.MemoryCopy(kept, y, keptBytes, keptBytes);
        long end = Math.Min((long)last * perTile, positions);
        for (long at = (long)first * perTile; at < end; at++)
        {
            if (!Find(at, out long offset, out long wrong))
                throw new EdgeException(ErrorCode.InvalidOperands, $"{op.Name}: index {wrong} is outside of the axis it counts in.");
            Piece.Copy(scatters ? x + at * width : x + offset, scatters ? y + offset : y + at * width, width);
        }
    }

    /// <summary>Where the piece of a position is; false when an index is wrong.</summary>
    private bool Find(long at, out long offset, out long wrong)
    {
        (long outer, long rest) = Math.DivRem(at, perOuter);
        int depth = sizes.Length;
        long tuple = (repeats ? rest : at) * depth;
        offset = outer * outerBytes;
        wrong = 0;
        bool wide = indices.DataType == DataType.I64;
        for (int d = 0; d < depth; d++)
        {
            long index = wide ? ((long*)indices.Data)[tuple + d] : ((int*)indices.Data)[tuple + d];
            int size = sizes[d];
            if (index < -size || index >= size)
            {
                wrong = index;
                return false;
            }
            offset += (index < 0 ? index + size : index) * strides[d];
        }
        return true;
    }

    /// <summary>All pieces, those that follow each other on both sides joined; null when an index is wrong, which only running is to tell.</summary>
    private List<Piece>? Known()
    {
        var pieces = new List<Piece>();
        for (long at = 0; at < positions; at++)
        {
            if (!Find(at, out long offset, out _)) return null;
            (long from, long to) = scatters ? (at * width, offset) : (offset, at * width);
            if (pieces.Count > 0 && pieces[^1] is var last && last.From + last.Bytes == from && last.To + last.Bytes == to) pieces[^1] = last with { Bytes = last.Bytes + width };
            else pieces.Add(new Piece(from, to, width));
        }
        return pieces;
    }
}
