namespace EdgeRuntime.Realtime.Pictures;

/// <summary>The five filters of a PNG row, undone. All sums are modulo 256.</summary>
internal static class PngFilter
{
    /// <summary>Turns a filtered row into samples, in place; false where the filter is unknown.</summary>
    public static bool Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                for (int i = distance; i < row.Length; i++) row[i] += row[i - distance];
                return true;
            case 2:
                for (int i = 0; i < row.Length; i++) row[i] += above[i];
                return true;
            case 3:
                for (int i = 0; i < row.Length; i++) row[i] += (byte)(((i < distance ? 0 : row[i - distance]) + above[i]) >> 1);
                return true;
            case 4:
                for (int i = 0; i < row.Length; i++)
                    row[i] += i < distance ? above[i] : Paeth(row[i - distance], above[i], above[i - distance]);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whichever of left, above and upper left is nearest to left + above - upper left; ties in that order.</summary>
    internal static byte Paeth(byte left, byte above, byte corner)
    {
        int toLeft = Math.Abs(above - corner), toAbove = Math.Abs(left - corner), toCorner = Math.Abs(left + above - 2 * corner);
        if (toLeft <= toAbove && toLeft <= toCorner) return left;
        return toAbove <= toCorner ? above : corner;
    }
}
