namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// The discrete Fourier transform of real signals whose length is a power of two, and its inverse, by way of a complex transform of half the length
/// (radix 2, decimation in time). Errors are below 1e-6 of the largest number. Allocates nothing after it is made. Not for use by two threads at once.
/// </summary>
internal sealed class RealFourier
{
    private readonly int half;
    private readonly float[] cosines, sines, re, im;
    private readonly int[] reversed;

    /// <summary>Prepares for signals of a length.</summary>
    /// <param name="length">A power of two, at least 4.</param>
    public RealFourier(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 4);
        if (!int.IsPow2(length)) throw new ArgumentException($"{length} is no power of two.", nameof(length));
        Length = length;
        half = length / 2;
        (cosines, sines) = (new float[half], new float[half]);
        (re, im, reversed) = (new float[half], new float[half], new int[half]);
        int bits = int.Log2(half);
        for (int i = 0; i < half; i++)
        {
            (cosines[i], sines[i]) = ((float)Math.Cos(2 * Math.PI * i / length), (float)Math.Sin(2 * Math.PI * i / length));
            for (int b = 0; b < bits; b++)
                if ((i >> b & 1) != 0) reversed[i] |= 1 << (bits - 1 - b);
        }
    }

    /// <summary>Length of the signal.</summary>
    public int Length { get; }

    /// <summary>Numbers of a spectrum: from frequency zero up to half the rate of samples, both included.</summary>
    public int Frequencies => half + 1;

    /// <summary>The spectrum of a signal: Σ x[n]·e^(-2πi·kn/N).</summary>
    public void Forward(ReadOnlySpan<float> signal, Span<float> real, Span<float> imaginary)
    {
        for (int i = 0; i < half; i++) (re[reversed[i]], im[reversed[i]]) = (signal[2 * i], signal[2 * i + 1]);
        Transform();
        // Even and odd samples were transformed as real and imaginary parts of one signal.
        (real[0], imaginary[0]) = (re[0] + im[0], 0);
        (real[half], imaginary[half]) = (re[0] - im[0], 0);
        for (int k = 1; k < half; k++)
        {
            int m = half - k;
            float evenRe = (re[k] + re[m]) / 2, evenIm = (im[k] - im[m]) / 2, oddRe = (im[k] + im[m]) / 2, oddIm = (re[m] - re[k]) / 2;
            real[k] = evenRe + cosines[k] * oddRe + sines[k] * oddIm;
            imaginary[k] = evenIm + cosines[k] * oddIm - sines[k] * oddRe;
        }
    }

    /// <summary>The signal of a spectrum; imaginary parts of the first and last frequency count as zero.</summary>
    public void Inverse(ReadOnlySpan<float> real, ReadOnlySpan<float> imaginary, Span<float> signal)
    {
        for (int k = 0; k < half; k++)
        {
            int m = half - k;
            float im0 = k == 0 ? 0 : imaginary[k], im1 = k == 0 ? 0 : imaginary[m];
            float evenRe = (real[k] + real[m]) / 2, evenIm = (im0 - im1) / 2, oddRe = (real[k] - real[m]) / 2, oddIm = (im0 + im1) / 2;
            float turnedRe = cosines[k] * oddRe - sines[k] * oddIm, turnedIm = cosines[k] * oddIm + sines[k] * oddRe;
            // The conjugate goes in, and out again below, which makes the transform its own inverse.
            (re[reversed[k]], im[reversed[k]]) = (evenRe - turnedIm, -(evenIm + turnedRe));
        }
        Transform();
        float scale = 1f / half;
        for (int i = 0; i < half; i++) (signal[2 * i], signal[2 * i + 1]) = (re[i] * scale, -im[i] * scale);
    }

    private void Transform()
    {
        for (int size = 1; size < half; size *= 2)
        {
            int stride = half / size;
            for (int start = 0; start < half; start += 2 * size)
                for (int j = 0; j < size; j++)
                {
                    int a = start + j, b = a + size;
                    float c = cosines[j * stride], s = sines[j * stride], x = c * re[b] + s * im[b], y = c * im[b] - s * re[b];
                    (re[b], im[b]) = (re[a] - x, im[a] - y);
                    (re[a], im[a]) = (re[a] + x, im[a] + y);
                }
        }
    }
}
