namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// The weights of a depthwise convolution as quads of a column of taps. Where instructions add two products in 16 bits, the weights of a pair are kept within <see cref="Operators.PairBound"/> by dividing those that are too large:
/// rows that come twice take a part in each place, and what is left becomes a quad of its own.
/// </summary>
internal sealed class QuadTaps
{
    private readonly int[][] places;
    private readonly sbyte[] weights, left;
    private readonly bool[] hasLeft;
    private readonly int channels, columns;

    /// <summary>Divides I8 weights [channels, rows, columns] among quads.</summary>
    public QuadTaps(ReadOnlySpan<sbyte> taps, int channels, int rows, int columns, bool bounded)
    {
        (this.channels, this.columns) = (channels, columns);
        places = Places(rows);
        int quads = places.Length * columns;
        weights = new sbyte[quads * channels * 4];
        left = new sbyte[quads * channels * 4];
        hasLeft = new bool[quads * channels];
        int[][] slots = [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, places.Length * 4).Where(slot => places[slot / 4][slot % 4] == row).ToArray())];
        int[] order = [.. Enumerable.Range(0, rows).OrderBy(row => slots[row].Length)], room = new int[places.Length * 2];
        for (int channel = 0; channel < channels; channel++)
            for (int column = 0; column < columns; column++)
            {
                Array.Fill(room, bounded ? Operators.PairBound.Limit : int.MaxValue);
                foreach (int row in order)
                {
                    int rest = taps[(channel * rows + row) * columns + column];
                    foreach (int slot in slots[row])
                    {
                        int part = Math.Sign(rest) * Math.Min(Math.Abs(rest), Math.Min(room[slot / 2], rest < 0 ? 128 : 127));
                        weights[At(slot / 4 * columns + column, channel) + slot % 4] = (sbyte)part;
                        room[slot / 2] -= Math.Abs(part);
                        rest -= part;
                    }
                    if (rest == 0) continue;
                    int first = slots[row][0], quad = first / 4 * columns + column;
                    left[At(quad, channel) + first % 4] = (sbyte)rest;
                    hasLeft[quad * channels + channel] = true;
                }
            }
    }

    /// <summary>Of which rows of taps each quad is made.</summary>
    public static int[][] Places(int rows)
    {
        int[][] places = new int[(rows + 3) / 4][];
        for (int i = 0; i < places.Length; i++)
        {
            int row = 4 * i;
            places[i] = (rows - row) switch
            {
                1 => row == 0 ? [0, 0, 0, 0] : [row, row - 3, row, row - 1],
                2 => [row, row + 1, row, row + 1],
                3 => [row, row + 1, row + 2, row + 1],
                _ => [row, row + 1, row + 2, row + 3],
            };
        }
        return places;
    }

    /// <summary>Number of quads, column by column for each four rows.</summary>
    public int Quads => places.Length * columns;

    /// <summary>The weights of a quad.</summary>
    public ReadOnlySpan<sbyte> Weights(int quad, int channel) => weights.AsSpan(At(quad, channel), 4);

    /// <summary>What is left of the weights of a quad.</summary>
    public ReadOnlySpan<sbyte> Left(int quad, int channel) => left.AsSpan(At(quad, channel), 4);

    /// <summary>True when something is.</summary>
    public bool HasLeft(int quad, int channel) => hasLeft[quad * channels + channel];

    private int At(int quad, int channel) => (quad * channels + channel) * 4;
}
