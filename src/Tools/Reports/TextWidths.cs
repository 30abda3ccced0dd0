using OxyPlot;

namespace EdgeRuntime.Tools.Reports;

/// <summary>
/// How wide texts of drawings are, which is not known before a browser has chosen the letters: those of Helvetica as OxyPlot knows them, and somewhat more, since system fonts run wider.
/// </summary>
internal sealed class TextWidths(double width, double height) : ClippingRenderContext
{
    private const double Wider = 1.42, Taller = 1.15, Apart = 9;

    private readonly PdfRenderContext letters = new(width, height, OxyColors.White);

    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
    {
        OxySize size = letters.MeasureText(text, fontFamily, fontSize, fontWeight);
        return new OxySize(size.Width * Wider + Apart, size.Height * Taller);
    }

    public override void DrawLine(IList<ScreenPoint> points, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode, double[] dashArray, LineJoin lineJoin) => throw new NotSupportedException();

    public override void DrawPolygon(IList<ScreenPoint> points, OxyColor fill, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode, double[] dashArray, LineJoin lineJoin) => throw new NotSupportedException();

    public override void DrawText(ScreenPoint p, string text, OxyColor fill, string fontFamily, double fontSize, double fontWeight, double rotation, HorizontalAlignment horizontalAlignment, VerticalAlignment verticalAlignment, OxySize? maxSize) => throw new NotSupportedException();

    protected override void SetClip(OxyRect clippingRectangle) => throw new NotSupportedException();

    protected override void ResetClip() => throw new NotSupportedException();
}
