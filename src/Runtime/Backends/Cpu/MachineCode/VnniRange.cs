using System.Runtime.InteropServices;

namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>How bytes that were packed are put in order, and their zero point and range, as the vectors that <see cref="VnniBytes"/> reads.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct VnniRange
{
    private fixed int order[VnniTile.Lanes];
    private fixed short zeros[2 * VnniTile.Lanes];
    private fixed byte lowest[4 * VnniTile.Lanes], highest[4 * VnniTile.Lanes];

    /// <summary>Fills all vectors.</summary>
    public void Set(int zero, int low, int high)
    {
        for (int i = 0; i < VnniTile.Lanes; i++) order[i] = i % 4 * 4 + i / 4;
        for (int i = 0; i < 2 * VnniTile.Lanes; i++) zeros[i] = (short)zero;
        for (int i = 0; i < 4 * VnniTile.Lanes; i++) (lowest[i], highest[i]) = (unchecked((byte)low), unchecked((byte)high));
    }
}
