namespace EdgeRuntime.Planning;

/// <summary>What it costs to have a backend run a section, besides the steps themselves.</summary>
/// <param name="Overhead">Nanoseconds for each section: handing it over and waiting for it.</param>
/// <param name="InPerByte">Nanoseconds for each byte that goes in.</param>
/// <param name="OutPerByte">Nanoseconds for each byte that comes back.</param>
internal readonly record struct TransferCost(double Overhead, double InPerByte, double OutPerByte)
{
    /// <summary>Nanoseconds for a section that moves so many bytes.</summary>
    public double Of(double bytesIn, double bytesOut) => Overhead + InPerByte * bytesIn + OutPerByte * bytesOut;
}
