using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Pieces of memory in reverse order along the time axis, for each index of the batch axis as many as input 1 says.</summary>
internal sealed unsafe class ReverseSequenceKernel : CpuKernel
{
    private const int TileBytes = 32 * 1024;

    private readonly Operator op;
    private readonly byte* x, y;
    private readonly long* wide;
    private readonly int* narrow;
    private readonly long batches, batchStride, times, timeStride, width, pieces, perTile;

    private ReverseSequenceKernel(CpuBinding binding, int batch, int time)
    {
        op = binding.Operator;
        TensorView lengths = binding.Input(1);
        Shape shape = binding.Input(0).Shape;
        x = (byte*)binding.Input(0).Data;
        y = (byte*)binding.Output(0).Data;
        wide = lengths.DataType == DataType.I64 ? (long*)lengths.Data : null;
        narrow = (int*)lengths.Data;
        // Counted in pieces: what lies inside of both axes moves together.
        int inner = Math.Max(batch, time) + 1;
        (batches, times) = (shape[batch], shape[time]);
        (batchStride, timeStride) = (shape.Product(batch + 1, inner), shape.Product(time + 1, inner));
        width = shape.Product(inner, shape.Rank) * binding.Input(0).DataType.Size();
        pieces = shape.Product(0, inner);
        perTile = Math.Clamp(TileBytes / width, 1, pieces);
        Tiles = (int)((pieces + perTile - 1) / perTile);
    }

    public override string Name => "reversesequence_rows";

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (ReverseSequence)binding.Operator;
        Shape shape = binding.Input(0).Shape;
        if (shape.Count == 0 || binding.Input(1).DataType is not (DataType.I64 or DataType.I32)) return null;
        return new ReverseSequenceKernel(binding, op.BatchAxis < 0 ? op.BatchAxis + shape.Rank : op.BatchAxis, op.TimeAxis < 0 ? op.TimeAxis + shape.Rank : op.TimeAxis);
    }

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min(last * perTile, pieces);
        for (long piece = first * perTile; piece < end; piece++)
        {
            long batch = piece / batchStride % batches, time = piece / timeStride % times;
            long length = wide != null ? wide[batch] : narrow[batch];
            if (length < 0 || length > times) throw new EdgeException(ErrorCode.InvalidOperands, $"{op.Name}: length {length} exceeds the time axis of {times}.");
            long from = time < length ? piece + (length - 1 - 2 * time) * timeStride : piece;
            Buffer.MemoryCopy(x + from * width, y + piece * width, width, width);
        }
    }
}
