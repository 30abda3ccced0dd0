namespace EdgeRuntime.Pipelines;

/// <summary>Turns a model's outputs into detections. Everything it needs is allocated when it is made.</summary>
internal interface IDetectionDecoder
{
    /// <summary>Reads the outputs of the last run.</summary>
    /// <param name="covered">The part of the source picture that filled the model's input; boxes are given in its pixels.</param>
    /// <returns>The detections, best first, valid until the next call.</returns>
    ReadOnlySpan<Detection> Read(Region covered);
}
