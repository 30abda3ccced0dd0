using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>The sizes of a matrix product, and where each batch finds its matrices.</summary>
internal sealed class MatMulShapes
{
    public readonly int Batches, M, K, N, MatricesB;
    public readonly bool TransposeA, TransposeB;
    private readonly long[] offsetsA, offsetsB;

    public MatMulShapes(MatMul op, Shape a, Shape b)
    {
        if (a.Rank == 1) a = new Shape(1, a[0]);
        if (b.Rank == 1) b = new Shape(b[0], 1);
        TransposeA = op.TransposeA;
        TransposeB = op.TransposeB;
        M = a[TransposeA ? -1 : -2];
        K = a[TransposeA ? -2 : -1];
        N = b[TransposeB ? -2 : -1];
        Shape batchA = new(a.Span[..^2]), batchB = new(b.Span[..^2]), batch = Broadcast.Shapes(batchA, batchB);
        MatricesB = (int)batchB.Count;
        if (MatricesB == 1 && !TransposeA)
        {
            // One B for all: the rows of all matrices A are one matrix.
            M = checked((int)(batchA.Count * M));
            batchA = batch = new Shape();
        }
        Batches = (int)batch.Count;
        offsetsA = new long[Batches];
        offsetsB = new long[Batches];
        Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(batchA, batch, stridesA);
        Broadcast.Strides(batchB, batch, stridesB);
        var walk = new IndexWalk(batch, stridesA, stridesB);
        for (int i = 0; walk.Next(); i++) (offsetsA[i], offsetsB[i]) = (walk.Offset0 * M * K, walk.Offset1 * K * N);
    }

    /// <summary>Where the matrix A of a batch begins.</summary>
    public long OffsetA(int batch) => offsetsA[batch];

    /// <summary>Where the matrix B of a batch begins.</summary>
    public long OffsetB(int batch) => offsetsB[batch];

    /// <summary>The number of the matrix B of a batch.</summary>
    public int MatrixB(int batch) => K * N == 0 ? 0 : (int)(offsetsB[batch] / ((long)K * N));
}
