namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Copies pieces of memory whose places were known when it was made, in their order.</summary>
/// <param name="name">What it does.</param>
/// <param name="x">The source.</param>
/// <param name="y">The result.</param>
/// <param name="pieces">The pieces.</param>
/// <param name="kept">What the result begins as, or null.</param>
/// <param name="keptBytes">Its size.</param>
internal sealed unsafe class PiecesKernel(string name, byte* x, byte* y, List<Piece> pieces, byte* kept, long keptBytes) : CpuKernel
{
    private const int TileBytes = 32 * 1024;

    private readonly Piece[] pieces = [.. pieces];

    public override string Name => $"{name}_known";

    // Of several pieces for one place the last stays, so those that scatter keep their order.
    public override int Tiles { get; } = kept != null ? 1 : (int)Math.Clamp(pieces.Sum(p => p.Bytes) / TileBytes, 1, pieces.Count);

    public override void Run(int first, int last, int worker)
    {
        if (kept != null) Buffer.MemoryCopy(kept, y, keptBytes, keptBytes);
        int end = (int)((long)pieces.Length * last / Tiles);
        for (int i = (int)((long)pieces.Length * first / Tiles); i < end; i++)
        {
            ref readonly Piece piece = ref pieces[i];
            Piece.Copy(x + piece.From, y + piece.To, piece.Bytes);
        }
    }
}
